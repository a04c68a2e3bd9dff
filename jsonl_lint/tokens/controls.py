"""Control tokens that the engine does not know, spelled as in the models' own tokenizer files."""

from __future__ import annotations

QWEN35 = (
    *("<think>", "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>"),
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>"),
    *("<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>"),
    *("<|repo_name|>", "<|file_sep|>", "<|audio_start|>", "<|audio_end|>", "<|audio_pad|>", "<tts_pad>"),
    *("<tts_text_bos>", "<tts_text_eod>", "<tts_text_bos_single>"),
)
LLAMA3 = tuple(f"<|reserved_special_token_{number}|>" for number in range(248))
DEEPSEEK_V3 = tuple(f"<｜place▁holder▁no▁{number}｜>" for number in range(800))
DEEPSEEK_R1 = DEEPSEEK_V3[:798]
DEEPSEEK_V31 = (*DEEPSEEK_V3[:796], "<｜search▁begin｜>", "<｜search▁end｜>")
_DEEPSEEK_V4_NAMES = (
    *("begin▁of▁repo▁name", "end▁of▁repo▁name", "begin▁of▁file▁name", "end▁of▁file▁name", "begin▁of▁file"),
    *("end▁of▁file", "begin▁sys", "end▁sys", "latest_reminder", "action", "query", "authority", "domain"),
    *("task", "political", "entity", "title", "safety", "answer", "search", "search▁begin", "search▁end"),
    *("extracted_url", "read_url", "end_of_query", "rl_image_pad", "rl_image_start", "image2", "table", "/td"),
    *("td", "/tr", "tr", "/polygon", "polygon", "/point", "point", "/box", "box", "/ref", "ref", "image"),
    *("place▁holder▁for▁copy", "place▁holder▁for▁pointer▁replace"),
)
DEEPSEEK_V4 = (
    *DEEPSEEK_V3,
    *(f"<|place_holder_mm_span_{number:04}|>" for number in range(21, 436)),
    *("｜DSML｜", "<dsml:", "</dsml:", "<｜/table>｜"),
    *(f"<｜{name}｜>" for name in _DEEPSEEK_V4_NAMES),
)
