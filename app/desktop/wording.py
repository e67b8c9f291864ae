"""Numbers and places in words."""

from html import escape

from PySide6.QtCore import QCoreApplication, QLocale


def describe_bytes(count: int) -> str:
    """Write a size in MB or GB."""
    if count >= 1e9:
        return f"{QLocale().toString(count / 1e9, 'f', 1)} GB"
    return f"{QLocale().toString(max(count / 1e6, 0.1), 'f', 0 if count >= 10e6 else 1)} MB"


def describe_count(count: int) -> str:
    """Write a number with the language's separators."""
    return QLocale().toString(count)


def describe_seconds(seconds: float) -> str:
    """Write a time roughly, in the unit that suits it."""
    translate = QCoreApplication.translate
    if seconds < 90:
        return translate("Wording", "{n} s").format(n=max(round(seconds), 1))
    if seconds < 90 * 60:
        return translate("Wording", "{n} min").format(n=round(seconds / 60))
    return translate("Wording", "{n} h").format(n=round(seconds / 3600))


def describe_parameters(count: int) -> str:
    """Write the number of a model's parameters in millions or billions."""
    translate = QCoreApplication.translate
    if count >= 1e9:
        return translate("Wording", "{n} billion").format(n=QLocale().toString(count / 1e9, "f", 1))
    return translate("Wording", "{n} million").format(n=QLocale().toString(count / 1e6, "f", 0))


def plural(count: int, one: str, many: str, **names: str) -> str:
    """Choose between two translated forms and fill in ``{n}`` and other names."""
    return (one if count == 1 else many).format(n=describe_count(count), **names)


def describe_title(title: str, year: int | None) -> str:
    """Name a document with the year of its publication."""
    return title if year is None else f"{title} ({year})"


def describe_place(title: str, page: int | None, year: int | None = None) -> str:
    """Name a document, its year and its page."""
    title = describe_title(title, year)
    if page is None:
        return title
    return QCoreApplication.translate("Wording", "{title}, page {page}").format(title=title, page=page)


def describe_arm(arm: str) -> str:
    """Say in words what an exam is answered from."""
    translate = QCoreApplication.translate
    names = {
        "closed": translate("Wording", "The model alone"),
        "rag": translate("Wording", "Library, one search"),
        "addrep": translate("Wording", "Library, with agents"),
        "context": translate("Wording", "The item's own text"),
        "oracle": translate("Wording", "The right passage"),
    }
    return names.get(arm, arm)


def describe_evaluation_arm(arm: str) -> str:
    """Say in words what predicts the death of a patient; a severity score is called by its name."""
    translate = QCoreApplication.translate
    names = {
        "plain": translate("Wording", "Plain prompt"),
        "debias": translate("Wording", "Rules against bias"),
        "random": translate("Wording", "Random past cases"),
        "cap": translate("Wording", "Similar past errors (CAP)"),
        "knn": translate("Wording", "Vote of similar patients"),
        "logistic": translate("Wording", "Logistic regression"),
        "scores": translate("Wording", "Severity scores"),
    }
    return names.get(arm, arm)


def describe_share(share: float | None) -> str:
    """Write a share of one in percent; a dash for none."""
    return "–" if share is None else f"{QLocale().toString(100 * share, 'f', 1)} %"


def describe_points(difference: float) -> str:
    """Write a difference of shares in points, with its sign."""
    return ("+" if difference > 0 else "") + QLocale().toString(100 * difference, "f", 1)


def begin_with_capital(text: str) -> str:
    """Begin with a capital letter, but where the first word has one already: eGFR, pH."""
    first, _, _ = text.partition(" ")
    return text[:1].upper() + text[1:] if first.islower() else text


def plain_tooltip(text: str) -> str:
    """Write untrusted text for a tooltip, which would take what looks like markup for markup."""
    # The tag keeps Qt from guessing: without it a lone "&amp;" is shown as it is written.
    lines = "<br>".join(escape(text).splitlines())
    return f"<span>{lines}</span>" if text else ""


def describe_method(method: str) -> str:
    """Say in words how an answer was made."""
    names = {
        "cp-order": QCoreApplication.translate(
            "Wording", "Sentences of your documents, chosen and put in order by the model"
        ),
        "cp-link": QCoreApplication.translate(
            "Wording", "Sentences of your documents with short transitions between them"
        ),
        "cp-refine": QCoreApplication.translate(
            "Wording", "Written from your documents, reviewed until nearly all of it is copied"
        ),
        "quote": QCoreApplication.translate("Wording", "Written around quotes of your documents"),
        "attributed": QCoreApplication.translate(
            "Wording", "Written from your documents in the model's words"
        ),
        "citations": QCoreApplication.translate(
            "Wording", "Written from your documents in the model's words, with their numbers"
        ),
        "base": QCoreApplication.translate("Wording", "Written by the model from memory"),
    }
    return names.get(method, method)


def describe_step(step: str) -> str:
    """Say in words what a step of the answer graph does; shown while it runs."""
    names = {
        "query_refinement": QCoreApplication.translate("Wording", "Understanding the question…"),
        "divergent_thinking": QCoreApplication.translate("Wording", "Looking at it from other angles…"),
        "retrieval": QCoreApplication.translate("Wording", "Searching the library…"),
        "sentence_ranking": QCoreApplication.translate("Wording", "Looking at each sentence…"),
        "relevance_judgement": QCoreApplication.translate("Wording", "Judging what was found…"),
        "sufficiency": QCoreApplication.translate("Wording", "Is it enough?"),
        "survey": QCoreApplication.translate("Wording", "Going through the document…"),
        "compose": QCoreApplication.translate("Wording", "Writing…"),
        "refine": QCoreApplication.translate("Wording", "Writing and reviewing…"),
        "attribute": QCoreApplication.translate("Wording", "Finding the places of what is copied…"),
        "link": QCoreApplication.translate("Wording", "Joining the sentences…"),
        "check": QCoreApplication.translate("Wording", "Checking numbers, units and names…"),
        "select": QCoreApplication.translate("Wording", "Choosing sentences…"),
        "verify": QCoreApplication.translate("Wording", "Checking every quote against its page…"),
        "write": QCoreApplication.translate("Wording", "Writing…"),
        "abstain": QCoreApplication.translate("Wording", "Looking for the nearest sources…"),
        "save": QCoreApplication.translate("Wording", "Saving…"),
    }
    return names.get(step, step)


def describe_stage(stage: str) -> str:
    """Say in words what is being done with a file."""
    names = {
        "reading": QCoreApplication.translate("Wording", "Reading"),
        "chunking": QCoreApplication.translate("Wording", "Dividing into passages"),
        "embedding": QCoreApplication.translate("Wording", "Indexing"),
        "writing": QCoreApplication.translate("Wording", "Saving"),
    }
    return names.get(stage, stage)


def describe_state(state: str) -> str:
    """Say in words what is so of a document."""
    names = {
        "ready": QCoreApplication.translate("Wording", "Ready"),
        "disabled": QCoreApplication.translate("Wording", "Disabled"),
        "replaced": QCoreApplication.translate("Wording", "Replaced by newer"),
        "unfinished": QCoreApplication.translate("Wording", "Not finished"),
        "stale": QCoreApplication.translate("Wording", "To be indexed again"),
    }
    return names.get(state, state)


def describe_reason(reason: str) -> str:
    """Say in words what kind of text was left out of the search."""
    names = {
        "references": QCoreApplication.translate("Wording", "list of references"),
        "contents": QCoreApplication.translate("Wording", "table of contents"),
        "index": QCoreApplication.translate("Wording", "index of words"),
        "acknowledgements": QCoreApplication.translate("Wording", "acknowledgements"),
        "form": QCoreApplication.translate("Wording", "form to fill in"),
        "publication": QCoreApplication.translate("Wording", "publication details"),
        "repeated": QCoreApplication.translate("Wording", "repeated text"),
        "hidden": QCoreApplication.translate("Wording", "hidden text"),
    }
    return names.get(reason, reason)


def explain_reason(reason: str) -> str:
    """Say in a sentence why such text is left out of the search."""
    sentences = {
        "references": QCoreApplication.translate(
            "Wording", "References name other works; their titles would be found in place of what they say."
        ),
        "contents": QCoreApplication.translate(
            "Wording", "A table of contents only names what stands on other pages."
        ),
        "index": QCoreApplication.translate("Wording", "An index only names what stands on other pages."),
        "acknowledgements": QCoreApplication.translate("Wording", "Thanks answer no question."),
        "form": QCoreApplication.translate("Wording", "A form asks; it does not say anything yet."),
        "publication": QCoreApplication.translate(
            "Wording", "Authors, addresses, licences and dates say nothing about the subject."
        ),
        "repeated": QCoreApplication.translate(
            "Wording", "The same text stands elsewhere in this document, where it is searched."
        ),
        "hidden": QCoreApplication.translate(
            "Wording", "A reader does not see this text: it is white, tiny or off the page."
        ),
    }
    return sentences.get(reason, "")
