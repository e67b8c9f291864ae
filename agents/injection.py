"""Recognises text in a document that speaks to the program that reads it, not to a clinician.

Such a sentence is no evidence whatever it says, so it is left out of what a model sees and of what an answer
may be made of. The rules ask for something that only a program has (instructions, a prompt, a role, answers,
citations); an imperative alone is none: "Ignore artefacts in lead V1" and "Do not give potassium" are
medicine. The kinds are those of the OWASP Top 10 for LLM applications (2025, LLM01 Prompt Injection) and of
Greshake et al. 2023 (indirect prompt injection).
"""

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\U000e0000-\U000e007f]")
_DROP = (
    r"(?:ignor\w+|disregard\w*|forget\w*|overrid\w+|overrul\w+|bypass\w*|set aside|pay no attention to"
    r"|do not (?:follow|obey))"
)
_ORDERS = (
    r"(?:instructions?|prompts?|directives?|guardrails|system (?:message|rules?)"
    r"|(?:your|system|previous|prior|above) rules?)"
)
_PROGRAM = (
    r"(?:(?:large )?language models?|LLMs?|AI(?: (?:assistants?|models?|systems?|agents?))?|chat ?bots?"
    r"|(?:virtual|helpful) assistants?|ChatGPT|GPT-?\d?)"
)
_REPLY = r"(?:respond|reply|answer|output)"
_WRITE = r"(?:respond|reply|answer|output|print|return|write|say)"
_NOW = r"(?:^|[-.;:,!?\"“(\]]\s*|\b(?:and|then|please|you (?:must|should|will|shall)|always|now|instead) +)"
"""Where an order begins: the patient who answers only with yes is no order."""

_AGAINST_ORDERS = (
    (
        rf"\b{_DROP}\b[^.]{{0,40}}\b(?:your|all|any|the|these|those|previous|prior|above|earlier|preceding|system)\b"
        rf"[^.]{{0,30}}\b{_ORDERS}\b"
    ),
    (
        rf"\b{_DROP} (?:everything|anything|all|what) (?:\w+ ){{0,4}}(?:above|before|previously|so far|told"
        rf"|said)\b"
    ),
    (
        rf"\b{_DROP} (?:(?:the|all|any) )?(?:\w+ )?(?:passages?|context|sources?|documents?) "
        r"(?:above|below|and (?:answer|say|write|reply))\b"
    ),
    (
        r"\b(?:new|updated|actual|real|hidden|secret|following) (?:system )?(?:instructions?|prompt)\s*"
        r"(?::|for (?:the )?(?:model|AI|assistant))"
    ),
    (
        r"\b(?:reveal|repeat|print|show|output|tell|disclose|leak)\b[^.]{0,30}"
        r"\b(?:system prompt|your (?:prompt|instructions)|hidden prompt|api key)"
    ),
    r"\b(?:jailbreak\w*|prompt injection|developer mode|DAN mode|sudo mode)\b",
)
_AS_PROGRAM = (
    rf"\bas an? {_PROGRAM}\b(?=[^.]{{0,20}}\byou\b|,)",
    rf"\byou are (?:now |no longer )?(?:an? |the )?(?:\w+ ){{0,3}}{_PROGRAM}\b",
    (
        r"\byou are now\b[^.]{0,40}\b(?:mode|assistant|unrestricted|jailbroken|DAN|free of|without"
        r" restrictions)\b"
    ),
    r"\bpretend (?:that )?you(?: are|'re)\b",
    rf"\bact as (?:an? )?(?:\w+ ){{0,2}}(?:{_PROGRAM}|unrestricted|model without)\b",
    (
        rf"\b(?:attention|note|message|notice|instructions?|important)\b(?: \w+){{0,3}} (?:to|for) "
        rf"(?:the |any |all )?{_PROGRAM}\b"
    ),
    (
        rf"\b(?:if you are|when you are|any|dear) (?:an? )?{_PROGRAM}\b[^.]{{0,60}}"
        rf"\b(?:must|should|please|reading|process\w*|ignore|{_WRITE})\b"
    ),
    r"^\s*(?:#+\s*)?(?:\[|<\|?|\*\*)(?:system|assistant|developer|user)\s*(?:\]|\|?>|\*\*)\s*:?\s*\S",
    (
        r"^\s*(?:system|assistant|developer|user)(?: (?:message|prompt|note))?\s*:(?=.*\b(?:you|your"
        r"|must|ignore|always"
        r"|never|only|sure|answer|instructions?)\b)"
    ),
    (
        r"<\|?/?(?:im_start|im_end|system|assistant|user|endoftext|start_header_id|eot_id|begin_of_text)\|?>"
        r"|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|###\s*(?:instruction|system|response|human|assistant)\b"
    ),
)
_ABOUT_THE_REPLY = (
    (
        rf"{_NOW}(?:only |always |just |simply )*{_REPLY} (?:only|exclusively|solely|nothing (?:but"
        rf"|except)|exactly) "
        r"(?:with|in|by|the (?:words?|text|phrase|string|sentence|following)|[\"'“‘])"
    ),
    rf"{_NOW}{_WRITE} (?:only|exactly|nothing but) (?:the (?:words?|text|phrase|string|sentence)|[\"'“‘])",
    (
        rf"{_NOW}(?:only|always|just|simply) {_REPLY} (?:with|that|in)\b"
        r"(?=[^.]*(?:[\"'“‘:]|\bregardless\b|\bquestions?\b|\buser\b))"
    ),
    (
        r"\byour (?:(?:only|next|final|entire|whole) )?(?:answer|response|reply|output) "
        r"(?:must|has to|should (?:always|only|state|say|begin|start|end))\b"
    ),
    (
        rf"\b(?:when|whenever|if) (?:you are |you're |the user |a user |someone )(?:asked|questioned"
        rf"|queried|asks)\b"
        rf"[^.]{{0,60}}\b(?:{_WRITE}|claim|state|tell)\b"
    ),
    rf"\b(?:when|if) asked\b[^.,]{{0,60}}, (?:always |only |simply )?(?:{_WRITE}|claim|state)\b",
    rf"{_NOW}answer that\b",
    r"\btell the user (?:that|to)\b",
    (
        r"\b(?:begin|start|end|finish) (?:your|every|each|all) (?:answers?|responses?|repl(?:y|ies)"
        r"|outputs?) (?:with|by)\b"
    ),
)
_ABOUT_SOURCES = (
    (
        r"\b(?:do not|don't|never|stop) (?:cite|citing|quote|quoting|mention|reveal|disclose)\b[^.]{0,40}"
        r"\b(?:this (?:document|passage|text|instruction|message|file)"
        r"|(?:the|any|your|other) (?:sources?|passages?|context|citations?|references to))\b"
    ),
    (
        r"\b(?:do not|don't|never) (?:refuse to answer|decline to answer|abstain from answering|say"
        r" (?:that )?you do not know"
        r"|warn the user)\b"
    ),
    (
        r"\b(?:select|choose|pick|cite|rank) (?:only |always )?(?:(?:this|the following) (?:sentence"
        r"|passage|document|text|chunk)"
        r"|sentence (?:number )?\d+)\b"
    ),
    (
        r"\bthis (?:sentence|passage|document|text) (?:is|must be|should be|has to be) (?:\w+ )*"
        r"(?:chosen|selected|cited|ranked|rated|quoted)\b[^.]{0,40}\b(?:first|always|only|highest|relevan\w+|answer\w*)\b"
    ),
    (
        r"\b(?:rate|score|grade|judge|mark) this (?:passage|document|sentence|text|chunk) (?:as |with )?"
        r"(?:\d|highly|fully|most|maximally|relevant|sufficient)"
    ),
    (
        r"\b(?:call|execute|run|invoke) (?:the |this )?(?:following )?(?:tool|function|command|shell"
        r"|script)\b"
        r"(?=[^.]*(?:[:`]|\bwith\b|\band\b))"
    ),
    (
        r"\b(?:send|post|upload|forward|exfiltrate)\b[^.]{0,40}"
        r"\b(?:conversation|chat history|user'?s? (?:question|data|library|documents))\b"
    ),
)
_CHINESE = (
    (
        r"(?:忽略|无视|忘记|忘掉|不要理会|跳过|覆盖)[^。]{0,12}"
        r"(?:指令|指示|提示词?|规则|设定|系统消息|上述内容|以上内容|之前的内容)"
    ),
    (
        r"(?:作为|身为|你(?:现在)?是|您(?:现在)?是|假装(?:你)?是|扮演)[^。]{0,10}"
        r"(?:人工智能|AI|语言模型|聊天机器人|智能助手)"
    ),
    r"^\s*[\[【<]?(?:系统|助手|用户|开发者)(?:提示|消息|指令)?[\]】>]?\s*[:：](?=.*(?:你|您|必须|忽略|回答|只能|指令))",
    r"(?:只|仅|必须|一律|始终|请直接)(?:需|要|能|可以)?(?:回答|回复|输出|答复)[^。]{0,4}(?:[“\"'「:：]|以下|如下|内容)",
    r"(?:你|您)的(?:回答|回复|输出|答案)(?:必须|应当?|只能|要|需)",
    r"(?:不要|请勿|禁止|不得)(?:引用|提及|透露|泄露)[^。]{0,10}(?:来源|出处|本文|本段|此文档|该文档|系统提示|这条指令)",
    r"系统提示词|提示词注入|越狱模式|开发者模式",
    r"告诉用户|(?:当|如果)用户(?:问|提问|询问)",
)
_RULES = (*_AGAINST_ORDERS, *_AS_PROGRAM, *_ABOUT_THE_REPLY, *_ABOUT_SOURCES, *_CHINESE)
_INSTRUCTION = re.compile("|".join(f"(?:{rule})" for rule in _RULES), re.IGNORECASE | re.MULTILINE)


def is_instruction(sentence: str) -> bool:
    """Whether a sentence gives orders to a program. Invisible characters in it do not hide it."""
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKC", sentence))
    # As it stands, where a role begins a line, and in one line, where a break divides an order.
    return any(_INSTRUCTION.search(text) for text in (shown, " ".join(shown.split())))
