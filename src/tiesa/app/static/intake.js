// Sends a file with its progress shown. Without this script the form sends it all the same.
(() => {
  "use strict";
  const percent = new Intl.NumberFormat(document.documentElement.lang || "en", { style: "percent" });

  const fail = (form, words) => {
    form.querySelector(".sending").hidden = true;
    form.querySelector("button").disabled = false;
    const error = form.querySelector(".error");
    error.textContent = words;
    error.hidden = false;
  };

  const answered = (form, request) => {
    let said = {};
    try { said = JSON.parse(request.responseText); } catch { said = {}; }
    if (said.address) window.location.assign(said.address);
    else fail(form, said.error || (request.status === 413 ? form.dataset.tooLarge : form.dataset.broken));
  };

  const send = (form) => {
    const words = form.querySelector(".sending .note");
    const bar = form.querySelector("progress");
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      const share = event.loaded / event.total;
      bar.value = share;
      words.textContent = share < 1 ? `${form.dataset.sending} ${percent.format(share)}` : form.dataset.looking;
    });
    request.addEventListener("load", () => answered(form, request));
    request.addEventListener("error", () => fail(form, form.dataset.broken));
    request.send(new FormData(form));
    bar.value = 0;
    form.querySelector(".error").hidden = true;
    form.querySelector(".sending").hidden = false;
    form.querySelector("button").disabled = true;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-uploads]")) return;
    event.preventDefault();
    const file = form.querySelector("input[type=file]").files[0];
    if (!file) return;
    if (file.size > Number(form.dataset.limit)) fail(form, form.dataset.tooLarge);
    else send(form);
  });

  for (const zone of document.querySelectorAll(".drop")) {
    const over = (event) => { event.preventDefault(); zone.classList.add("over"); };
    zone.addEventListener("dragenter", over);
    zone.addEventListener("dragover", over);
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (event.dataTransfer.files.length) zone.querySelector("input").files = event.dataTransfer.files;
    });
  }
})();
