"""``python -m docs.generator`` writes every page of docs/reference."""

from docs.generator.pages import FOLDER, reference_pages


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in reference_pages().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
