"""ChatML: how messages become text, the same for training, for the GGUF's template and for evaluation."""
import json

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
TOOLS_HEAD = ("# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
              "You are provided with function signatures within <tools></tools> XML tags:\n<tools>")
TOOLS_TAIL = ("\n</tools>\n\nFor each function call, return a json object with function name and arguments within "
              "<tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>")
# Boilerplate that would cost many tokens is one token each: matched in raw text before the pre-tokenizer, as every
# GGUF reader does with user-defined tokens. None may overlap another at its edges: readers that search by length and
# readers that search from the left must find the same.
USER_DEFINED = [
    "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<tools>", "</tools>", TOOLS_HEAD, TOOLS_TAIL,
    "user\n", "assistant\n", "system\n", '{"type": "function", "function": {"name": "', '", "description": "',
    '", "parameters": {"type": "object", "properties": {', '{"type": "string', '{"type": "integer', '{"type": "number', '}, "required": ["', '{"name": "', '", "arguments": {',
]

TEMPLATE = r"""{%- if tools %}
    {{- '<|im_start|>system\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\n\n' }}
    {%- endif %}
    {{- "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>" }}
    {%- for tool in tools %}
        {{- "\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call><|im_end|>\n" }}
{%- else %}
    {%- if messages[0].role == 'system' %}
        {{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\n' + content + '<|im_end|>' + '\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role + '\n' + content }}
        {%- if message.tool_calls %}
            {%- for tool_call in message.tool_calls %}
                {%- if (loop.first and content) or (not loop.first) %}
                    {{- '\n' }}
                {%- endif %}
                {%- if tool_call.function %}
                    {%- set tool_call = tool_call.function %}
                {%- endif %}
                {{- '<tool_call>\n{"name": "' }}
                {{- tool_call.name }}
                {{- '", "arguments": ' }}
                {%- if tool_call.arguments is string %}
                    {{- tool_call.arguments }}
                {%- else %}
                    {{- tool_call.arguments | tojson }}
                {%- endif %}
                {{- '}\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\n<tool_response>\n' }}
        {{- content }}
        {{- '\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\n' }}
{%- endif %}
"""


def dumps(value):
    return json.dumps(value, ensure_ascii=False)


def assistant_text(message):
    out = message.get("content") or ""
    for index, call in enumerate(message.get("tool_calls") or []):
        function = call.get("function", call)
        arguments = function["arguments"]
        arguments = arguments if isinstance(arguments, str) else dumps(arguments)
        out += ("\n" if index or out else "") + '<tool_call>\n{"name": "' + function["name"] + '", "arguments": ' + arguments + "}\n</tool_call>"
    return out


def segments(messages, tools=None, prompt=False):
    """[(text, learned)]: `learned` marks what the assistant itself writes, its end of turn included."""
    out, first = [], messages[0]
    if tools:
        head = first["content"] + "\n\n" if first["role"] == "system" else ""
        out.append(("<|im_start|>system\n" + head + TOOLS_HEAD + "".join("\n" + dumps(t) for t in tools) + TOOLS_TAIL + "<|im_end|>\n", False))
    elif first["role"] == "system":
        out.append(("<|im_start|>system\n" + first["content"] + "<|im_end|>\n", False))
    for i, m in enumerate(messages):
        role, content = m["role"], m.get("content") or ""
        if role == "user" or (role == "system" and i > 0):
            out.append((f"<|im_start|>{role}\n{content}<|im_end|>\n", False))
        elif role == "assistant":
            out.append(("<|im_start|>assistant\n", False))
            out.append((assistant_text(m) + "<|im_end|>", True))
            out.append(("\n", False))
        elif role == "tool":
            start = "" if i and messages[i - 1]["role"] == "tool" else "<|im_start|>user"
            last = i + 1 == len(messages) or messages[i + 1]["role"] != "tool"
            out.append((f"{start}\n<tool_response>\n{content}\n</tool_response>" + ("<|im_end|>\n" if last else ""), False))
    if prompt:
        out.append(("<|im_start|>assistant\n", False))
    return out


def text(messages, tools=None, prompt=True):
    return "".join(t for t, _ in segments(messages, tools, prompt))
