"""`python -m tiesa` is the command `tiesa`."""

from tiesa.cli import start

if __name__ == "__main__":
    start()
