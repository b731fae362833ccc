using Flotilla.Engine.Chat;

namespace Flotilla.Engine.Tests.Chat;

/// <summary>Chat templates built as those of the families are: the same tags, the same checks, the same sentences about tools, and no more.</summary>
internal static class FamilyTemplates
{
    public const string Hermes =
        """
        {%- if tools %}<|im_start|>system
        # Tools: write <tool_call>{"name": <function-name>, "arguments": <args-json-object>}</tool_call>
        {%- for tool in tools %}{{ '\n' }}{{ tool | tojson }}{%- endfor %}<|im_end|>
        {% endif %}
        {%- for message in messages %}<|im_start|>{{ message.role }}{{ '\n' }}{{ message.content or '' }}
        {%- for call in message.tool_calls or [] %}<tool_call>{{ {'name': call.function.name, 'arguments': call.function.arguments} | tojson }}</tool_call>{%- endfor %}<|im_end|>
        {% endfor %}
        {%- if add_generation_prompt %}<|im_start|>assistant{{ '\n' }}{%- endif %}
        """;

    public const string Llama =
        """
        {%- if tools %}<|start_header_id|>system<|end_header_id|>
        Environment: ipython
        {%- for tool in tools %}{{ '\n' }}{{ tool | tojson }}{%- endfor %}<|eot_id|>
        {%- endif %}
        {%- for message in messages %}
        {%- if message.tool_calls %}
        {%- if message.tool_calls | length != 1 %}{{ raise_exception('only single tool-calls at once') }}{%- endif %}
        {%- set call = message.tool_calls[0].function %}<|start_header_id|>assistant<|end_header_id|>

        {"name": "{{ call.name }}", "parameters": {{ call.arguments | tojson }}}<|eot_id|>
        {%- elif message.role == 'tool' %}<|start_header_id|>ipython<|end_header_id|>

        {{ message.content | tojson }}<|eot_id|>
        {%- else %}<|start_header_id|>{{ message.role }}<|end_header_id|>

        {{ message.content }}<|eot_id|>
        {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>{{ '\n\n' }}{%- endif %}
        """;

    public const string MistralList =
        """
        {%- if tools %}[AVAILABLE_TOOLS] {{ tools | tojson }}[/AVAILABLE_TOOLS]{%- endif %}
        {%- for message in messages %}
        {%- if message.tool_calls %}[TOOL_CALLS] [
        {%- for call in message.tool_calls %}
        {%- if call.id is not defined or call.id | length != 9 %}{{ raise_exception('ids are 9 letters and digits') }}{%- endif %}
        {{- {'name': call.function.name, 'arguments': call.function.arguments, 'id': call.id} | tojson }}{%- if not loop.last %}, {% endif %}
        {%- endfor %}]
        {%- elif message.role == 'tool' %}
        {%- if message.tool_call_id | length != 9 %}{{ raise_exception('ids are 9 letters and digits') }}{%- endif %}
        {{- '[TOOL_RESULTS] ' + message.tool_call_id + ' ' + message.content + '[/TOOL_RESULTS]' }}
        {%- else %}[INST] {{ message.content }}[/INST]{%- endif %}
        {%- endfor %}
        """;

    public const string MistralByName =
        """
        {%- if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{%- endif %}
        {%- for message in messages %}
        {%- for call in message.tool_calls or [] %}{{ '[TOOL_CALLS]' + call.function.name + '[ARGS]' }}{{ call.function.arguments | tojson }}{%- endfor %}
        {%- if message.role == 'tool' %}[TOOL_RESULTS]{{ message.content }}[/TOOL_RESULTS]{%- elif message.content %}[INST]{{ message.content }}[/INST]{%- endif %}
        {%- endfor %}
        """;

    public const string QwenCoder =
        """
        {%- if tools %}<|im_start|>system
        {%- for tool in tools %}{{ '\n<function>' ~ tool.function.name }}{% for name, field in tool.function.parameters.properties | items %}{{ '\n<parameter>' ~ name ~ field.type }}{% endfor %}{%- endfor %}
        Write <tool_call>
        <function=name>
        <parameter=name>
        value
        </parameter>
        </function>
        </tool_call><|im_end|>
        {% endif %}
        {%- for message in messages %}<|im_start|>{{ message.role }}{{ '\n' }}{{ message.content or '' }}
        {%- for call in message.tool_calls or [] %}{{ '\n<tool_call>\n<function=' + call.function.name + '>\n' }}
        {%- for name, value in call.function.arguments | items %}{{ '<parameter=' + name + '>\n' }}{{ value | string }}{{ '\n</parameter>\n' }}{%- endfor %}</function>
        </tool_call>{%- endfor %}<|im_end|>
        {% endfor %}
        {%- if add_generation_prompt %}<|im_start|>assistant{{ '\n' }}{%- endif %}
        """;

    public const string GemmaToolCode =
        """
        {%- for message in messages %}<start_of_turn>{{ 'model' if message.role == 'assistant' else 'user' }}
        {%- if loop.first and tools %}
        To call a function, write ```tool_code and {"name": function, "parameters": its arguments} and ```.
        {{ tools | tojson }}
        {%- endif %}
        {{ message.content or '' }}<end_of_turn>
        {% endfor %}
        {%- if add_generation_prompt %}<start_of_turn>model{{ '\n' }}{%- endif %}
        """;

    public const string GemmaPython =
        """
        {%- for message in messages %}<start_of_turn>{{ 'model' if message.role == 'assistant' else 'user' }}
        {%- if loop.first and tools %}
        To call functions, write [func_name1(params_name1=params_value1, params_name2=params_value2...), func_name2(params)].
        {{ tools | tojson }}
        {%- endif %}
        {% for call in message.tool_calls or [] %}{{ '[' if loop.first else ', ' }}{{ call.function.name }}(
        {%- for key, value in call.function.arguments.items() %}{{ key }}={{ value | tojson }}{% if not loop.last %}, {% endif %}{% endfor %})
        {%- if loop.last %}]{% endif %}{% endfor %}
        {{- message.content or '' }}<end_of_turn>
        {% endfor %}
        {%- if add_generation_prompt %}<start_of_turn>model{{ '\n' }}{%- endif %}
        """;

    public const string FunctionGemma =
        """
        {%- if tools %}<start_of_turn>developer
        {%- for tool in tools %}<start_function_declaration>declaration:{{ tool.function.name }}<end_function_declaration>{%- endfor %}<end_of_turn>
        {% endif %}
        {%- for message in messages %}<start_of_turn>{{ 'model' if message.role == 'assistant' else 'user' }}
        {% for call in message.tool_calls or [] %}<start_function_call>call:{{ call.function.name }}{
        {%- for key, value in call.function.arguments.items() %}{{ key }}:<escape>{{ value }}<escape>{% if not loop.last %},{% endif %}{% endfor %}}<end_function_call>{% endfor %}
        {{- message.content or '' }}<end_of_turn>
        {% endfor %}
        {%- if add_generation_prompt %}<start_of_turn>model{{ '\n' }}{%- endif %}
        """;

    public const string GemmaJson =
        """
        {%- for message in messages %}<start_of_turn>{{ 'model' if message.role == 'assistant' else 'user' }}
        {%- if loop.first and tools %}
        To call a function, write {"name": function name, "parameters": dictionary of argument name and its value}.
        {{ tools | tojson }}
        {%- endif %}
        {{ message.content or '' }}<end_of_turn>
        {% endfor %}
        {%- if add_generation_prompt %}<start_of_turn>model{{ '\n' }}{%- endif %}
        """;

    /// <summary>Each template and the name of the way in which it asks for calls.</summary>
    public static IReadOnlyList<(string Template, string Format)> All { get; } =
    [
        (QwenCoder, "Qwen3-Coder"), (With("<function=", "</function>"), "Llama 3, by tag"), (With("<|tool_call|>", "<|/tool_call|>"), "Phi-4"),
        (With("<|tool_call|>", "<|end_of_text|>"), "Granite 3"), (With("<TOOLCALL>", "</TOOLCALL>"), "Nemotron"), (Hermes, "Hermes"),
        (Llama, "Llama 3"), (MistralList, "Mistral, as a list"), (MistralByName, "Mistral, by name"),
        (GemmaToolCode, "Gemma, tool_code"), (GemmaJson, "Llama 3"), (GemmaPython, "Python, as a list"), (FunctionGemma, "FunctionGemma"),
        (Llama.Replace("Environment: ipython", "[func_name1(params_name1=params_value1)]", StringComparison.Ordinal), "Python, as a list"),
        (GemmaToolCode.Replace("tool_code", "tool_call", StringComparison.Ordinal), "Gemma, tool_call"),
    ];

    private static string With(string open, string close) =>
        Hermes.Replace("<tool_call>", open, StringComparison.Ordinal).Replace("</tool_call>", close, StringComparison.Ordinal);

    /// <summary>The row of a name.</summary>
    public static ToolCallFormat Format(string name) => ToolCallFormat.All.Single(f => f.Name == name);
}
