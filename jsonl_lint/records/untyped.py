"""Keys of Gemini and Bedrock. Parts of their messages have no `type`: the one key that a part holds says what it is."""

GEMINI_SYSTEM = ("systemInstruction", "system_instruction")
"""Root keys under which Gemini's records have their system message (Google's tuning documentation, 2026-11)."""

GEMINI_PARTS = ("text", "fileData", "inlineData", "functionCall", "functionResponse")
"""What a part of Gemini may be, as `schemas/gemini.schema.json` has it."""

BEDROCK_RESULT_PARTS = ("text", "json", "image", "document", "video", "searchResult")
"""What a part of a tool's result may be (API reference of Bedrock's Converse, ToolResultContentBlock, 2026-11)."""

_BEDROCK_PARTS = (
    *("text", "image", "video", "audio", "document", "searchResult", "toolUse", "toolResult"),
    *("reasoningContent", "citationsContent", "guardContent", "cachePoint"),
)
"""What a part of Bedrock may be (the same reference, ContentBlock)."""

UNTYPED_PARTS = frozenset((*GEMINI_PARTS, *_BEDROCK_PARTS))
"""Keys that say, one in each part, what a part of either is."""
