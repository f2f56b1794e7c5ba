from tiesa.app.people.roles import Role


def test_everybody_is_sent_to_the_sign_in_page_first(client_of) -> None:
    response = client_of(None).get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/account/sign-in/")


def test_somebody_signed_in_sees_today(home, client_of) -> None:
    assert client_of(Role.CX_MANAGER).get("/").status_code == 200
