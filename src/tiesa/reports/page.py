"""The page every HTML file of Tiesa is made of: one file, no script, nothing fetched; light, dark and print."""

from __future__ import annotations

from html import escape

from tiesa.core.locale import current_language
from tiesa.pictures.palette import DARK, FONT, LIGHT, PRINT, Theme

LANGUAGE_TAGS = {"sr": "sr-Cyrl", "sr_Latn": "sr-Latn"}
_CSS = """
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 FONT;-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:28px 20px 48px}
h1{font-size:30px;line-height:1.2;letter-spacing:-.02em;margin:0 0 6px;max-width:28em;text-wrap:balance}
h2{font-size:21px;line-height:1.3;letter-spacing:-.01em;margin:0 0 4px}
h3{font-size:16px;margin:22px 0 6px}
p{margin:0 0 10px;max-width:68em}
a{color:var(--focus);text-underline-offset:3px}
.eyebrow{color:var(--ink2);font-size:13.5px;margin:0 0 4px}
.lead{color:var(--ink2);font-size:17px;margin:0 0 18px;max-width:52em}
.note,figcaption{color:var(--ink2);font-size:13.5px;margin:6px 0 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0 0 20px}
.answer{font-weight:650;font-size:18px;line-height:1.4;margin:0 0 8px}
.tag{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:1px 10px;font-size:13px;color:var(--ink2)}
figure{margin:12px 0}
.light svg,.dark svg{display:block;width:100%;height:auto}
.wide,.tall,.dark{display:none}
.scroll{overflow-x:auto;margin:6px 0 4px}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:14.5px}
caption{text-align:left;font-weight:600;padding:14px 0 4px}
th{text-align:left;font-weight:600;color:var(--ink2);font-size:12.5px;padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:bottom}
td{padding:7px 12px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
.num{text-align:right;font-variant-numeric:tabular-nums}
td.num{white-space:nowrap}
details{margin:10px 0 0;color:var(--ink2);font-size:14.5px}
summary{cursor:pointer;color:var(--ink2);padding:4px 0}
footer{color:var(--ink2);font-size:13.5px;margin-top:28px}
@media (min-width:721px){.light.wide{display:block}}
@media (max-width:720px){.light.tall{display:block}main{padding:18px 14px 36px}h1{font-size:24px}.card{padding:14px}}
@media screen and (prefers-color-scheme:dark){.light{display:none!important}}
@media screen and (prefers-color-scheme:dark) and (min-width:721px){.dark.wide{display:block}}
@media screen and (prefers-color-scheme:dark) and (max-width:720px){.dark.tall{display:block}}
@media print{body{font-size:11pt}main{max-width:none;padding:0}.card{border:0;padding:0;break-inside:avoid-page}details{display:none}.light.wide{display:block}.light.tall,.dark{display:none!important}}
"""


def page(title: str, body: str, *, style: str = "") -> str:
    """A whole HTML document. body: HTML inside `<main>`. style: further rules.

    Colours are custom properties, one set per theme, chosen by the reader's system; print has its own.
    """
    language = LANGUAGE_TAGS.get(current_language(), current_language())
    dark = f"@media screen and (prefers-color-scheme:dark){{{_tokens(DARK)}}}"
    css = _tokens(LIGHT) + dark + f"@media print{{{_tokens(PRINT)}}}" + _CSS.replace("FONT", FONT) + style
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="generator" content="Tiesa">\n'
        f"<title>{escape(title)}</title>\n<style>{css}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _tokens(theme: Theme) -> str:
    return ":root{" + ";".join(f"{name}:{value}" for name, value in theme.tokens.items()) + "}"


def drawings(light: str, dark: str, *, light_tall: str, dark_tall: str) -> str:
    """A picture in its four drawings, of which the page shows the one that fits the reader's screen and theme."""
    return (
        f'<div class="light wide">{light}</div><div class="light tall">{light_tall}</div>'
        f'<div class="dark wide">{dark}</div><div class="dark tall">{dark_tall}</div>'
    )
