"""`python -m tiesa` is the command `tiesa`."""

from tiesa.cli import main

if __name__ == "__main__":
    main()
