"""Renders the chat template of a GGUF file: a jinja program of a stranger, in a sandbox, with limits."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime

from jinja2 import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from llm.errors import ChatTemplateError
from llm.types import Message, Role

MAX_CHARACTERS = 4_000_000
Rendering = Callable[[], AbstractContextManager[None]]
"""Makes a context in which a stranger's program runs, so that somebody can watch it from outside."""
_TRIAL = (Message(role=Role.SYSTEM, content="Be short."), Message(role=Role.USER, content="Hello"))

# For models without a template: plain turns. The last line ends, so that the answer begins a line.
NEUTRAL_TEMPLATE = """\
{%- for message in messages -%}
{%- if message.role == 'system' -%}{{ message.content }}

{% elif message.role == 'user' -%}Question: {{ message.content }}

{% else -%}Answer:
{{ message.content }}

{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}Answer:
{% endif -%}
"""


class ChatTemplate:
    """One model's template. It can loop without end: render only where it can be stopped from outside."""

    def __init__(
        self, source: str | None, *, bos: str = "", eos: str = "", rendering: Rendering = nullcontext
    ) -> None:
        """Compile the template and try it.

        Args:
            source: The template; ``None`` for the neutral one.
            bos: Text of the token that begins a sequence.
            eos: Text of the token that ends one.
            rendering: Entered each time the template is compiled or rendered.

        Raises:
            ChatTemplateError: it does not compile, or does not even render a greeting.
        """
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols]
        )
        environment.globals |= {
            "raise_exception": _raise_exception,
            "strftime_now": lambda layout: datetime.now().astimezone().strftime(layout),
            "bos_token": bos,
            "eos_token": eos,
        }
        self._rendering = rendering
        # Constant expressions are computed already here.
        with rendering(), _one_kind_of_error():
            self._template = environment.from_string(NEUTRAL_TEMPLATE if source is None else source)
        self._has_system_role = True
        try:
            text = self.render(_TRIAL)
        except ChatTemplateError:
            text = ""
        if _TRIAL[0].content not in text:
            self._has_system_role = False
            self.render(_TRIAL)

    def render(self, messages: Sequence[Message]) -> str:
        """Write the messages out, up to where the assistant's answer begins.

        A template without a system role gets the system's text at the head of the first user's turn.

        Raises:
            ChatTemplateError: the template refuses the messages, fails, or writes without end.
        """
        turns = messages if self._has_system_role else merge_system(messages)
        pieces: list[str] = []
        length = 0
        with self._rendering(), _one_kind_of_error():
            for piece in self._template.generate(
                messages=[{"role": str(turn.role), "content": turn.content} for turn in turns],
                add_generation_prompt=True,
                enable_thinking=False,  # models that think aloud first unless told not to (Qwen3)
            ):
                pieces.append(piece)
                length += len(piece)
                if length > MAX_CHARACTERS:
                    raise _template_error("it writes without end")
        return "".join(pieces)


def merge_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Put the system's texts at the head of the first user's turn."""
    system = [message.content for message in messages if message.role is Role.SYSTEM]
    turns = [message for message in messages if message.role is not Role.SYSTEM]
    for place, turn in enumerate(turns):
        if turn.role is Role.USER and system:
            turns[place] = Message(role=Role.USER, content="\n\n".join([*system, turn.content]))
            break
    return tuple(turns)


def compile_markup(tokens: Sequence[str]) -> re.Pattern[str] | None:
    """Make the pattern for :func:`defuse_markup` from the texts of a model's control tokens."""
    texts = sorted({token for token in tokens if len(token) > 1}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, texts))) if texts else None


def defuse_markup(message: Message, markup: re.Pattern[str] | None) -> Message:
    """Break up control tokens in a message: a document must not be able to end a turn or begin one."""
    if markup is None:
        return message
    content = markup.sub(lambda found: f"{found[0][0]} {found[0][1:]}", message.content)
    return Message(role=message.role, content=content)


@contextmanager
def _one_kind_of_error() -> Iterator[None]:
    """A template is a program: type and arithmetic errors are as likely as jinja's own."""
    try:
        yield
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise _template_error(str(error)) from error
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise _template_error("it is too long or needs too much memory") from error


def _raise_exception(reason: str) -> str:
    raise TemplateError(reason)


def _template_error(reason: str) -> ChatTemplateError:
    return ChatTemplateError(
        f"The chat template in the model's file cannot be used ({reason[:200]}); please choose another model."
    )
