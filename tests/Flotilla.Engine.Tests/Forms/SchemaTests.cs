using Flotilla.Engine.Forms;
using Xunit;

namespace Flotilla.Engine.Tests.Forms;

/// <summary>What each keyword lets through and what it does not.</summary>
public sealed class SchemaTests
{
    private const string Shape = """{"anyOf":[{"type":"object","properties":{"kind":{"const":"dot"}},"required":["kind"]},{"type":"object","properties":{"kind":{"const":"line"},"to":{"type":"integer"}},"required":["kind","to"]}]}""";
    private const string Tree = """{"$ref":"#/$defs/t","$defs":{"t":{"type":"object","properties":{"v":{"type":"integer"},"k":{"type":"array","items":{"$ref":"#/$defs/t"}}},"required":["v","k"]}}}""";

    public static TheoryData<string, string[], string[]> Schemas => new()
    {
        { "{}", ["1", "[]", "{}", "[ 1, {\"a\": [null]}]", "\"\\u00e9é\"", "-0.5e-3", "{\"a\":1,\"a\":2}"], ["", "01", "1.", "\"\n\"", "[1,]", "tru", "\"\\ud800\"", "{a:1}", "nullx"] },
        { "true", ["false"], ["undefined"] },
        { """{"type":"integer"}""", ["0", "-12", "999999999999999"], ["1.0", "1e3", "01", "--1", "1234567890123456"] },
        { """{"type":"number"}""", ["0", "-1.25", "3e8", "2E-7"], [".5", "1.", "NaN", "1e", "+1"] },
        { """{"type":["string","null"]}""", ["\"\"", "null"], ["0", "[]"] },
        { """{"type":"boolean"}""", ["true", "false"], ["\"true\"", "True"] },
        { """{"enum":["red","gr\"een",3,null,{"a":[1]}]}""", ["\"red\"", "\"gr\\\"een\"", "3", "null", "{\"a\":[1]}"], ["\"blue\"", "\"re\"", "33", "{}"] },
        { """{"type":"string","enum":["a",1]}""", ["\"a\""], ["1"] },
        { """{"const":"é"}""", ["\"é\""], ["\"e\"", "é"] },
        { """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["a","b"],"additionalProperties":false}""",
            ["{\"a\":1,\"b\":\"\"}", "{ \"a\": 1, \"b\": \"x\" }", "{\n  \"a\": 1,\n  \"b\": \"x\"\n}"], ["{\"b\":\"\",\"a\":1}", "{\"a\":1}", "{\"a\":1,\"b\":\"\",\"c\":1}", "{\"a\":\"1\",\"b\":\"\"}", "{\"a\":1 \"b\":\"\"}"] },
        { """{"type":"object","properties":{"a":{},"b":{},"c":{}},"required":["b"]}""",
            ["{\"b\":1}", "{\"a\":1,\"b\":1}", "{\"b\":1,\"c\":1}", "{\"a\":1,\"b\":2,\"c\":3}"], ["{}", "{\"a\":1}", "{\"c\":1,\"b\":1}", "{,\"b\":1}", "{\"b\":1,}"] },
        { """{"type":"object","properties":{"ab":{"type":"null"}},"additionalProperties":{"type":"integer"}}""",
            ["{}", "{\"ab\":null}", "{\"a\":1}", "{\"abc\":1,\"x\":2}", "{\"ab\":null,\"\":1}", "{\"b\":7}"], ["{\"ab\":1}", "{\"a\":null}", "{\"ab\":null,\"ab\":1}"] },
        { """{"type":"object","required":["x"]}""", ["{\"x\":[]}"], ["{}"] },
        { """{"type":"object"}""", ["{}", "{\"ü\":1}"], ["[]"] },
        { """{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}""", ["[1]", "[1,2,3]", "[ 1, 2 ]"], ["[]", "[1,2,3,4]", "[1,\"2\"]"] },
        { """{"type":"array","items":{"type":"integer"},"minItems":2}""", ["[1,2]", "[1,2,3,4,5]"], ["[1]", "[]"] },
        { """{"type":"array","maxItems":0}""", ["[]", "[ ]"], ["[1]"] },
        { """{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":{"type":"null"}}""", ["[]", "[\"a\"]", "[\"a\",1]", "[\"a\",1,null,null]"], ["[1]", "[\"a\",1,1]"] },
        { """{"type":"array","prefixItems":[{"type":"string"}],"items":false}""", ["[]", "[\"a\"]"], ["[\"a\",1]"] },
        { """{"anyOf":[{"type":"integer"},{"type":"array","items":{"type":"integer"}}]}""", ["1", "[1]"], ["\"1\""] },
        { Shape, ["{\"kind\":\"dot\"}", "{\"kind\":\"line\",\"to\":2}"], ["{\"kind\":\"line\"}", "{\"kind\":\"dot\",\"to\":2}", "{\"kind\":\"circle\"}"] },
        { Shape.Replace("anyOf", "oneOf"), ["{\"kind\":\"dot\"}", "{\"kind\":\"line\",\"to\":2}"], ["{\"kind\":\"line\"}"] },
        { """{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":{"type":"string"},"a":{"minimum":5}},"required":["b"]}]}""",
            ["{\"a\":5,\"b\":\"\"}"], ["{\"a\":4,\"b\":\"\"}", "{\"a\":5}"] },
        { """{"type":"integer","anyOf":[{"minimum":10},{"maximum":-10}],"oneOf":[{"type":"integer"},{"type":"string"}]}""", ["10", "-10"], ["9", "-9", "\"\""] },
        { Tree, ["{\"v\":1,\"k\":[]}", "{\"v\":1,\"k\":[{\"v\":2,\"k\":[]},{\"v\":3,\"k\":[{\"v\":4,\"k\":[]}]}]}"], ["{\"v\":1}", "{\"v\":1,\"k\":[1]}"] },
        { """{"$defs":{"a/b":{"type":"null"}},"properties":{"x":{"$ref":"#/$defs/a~1b"}},"required":["x"]}""", ["{\"x\":null}"], ["{\"x\":1}"] },
        // Names that look like another part's key, or like an escaped name, are still names.
        { """{"properties":{"x":{"anyOf":[{"type":"string"}],"pattern":"^a$"},"x 1":{"$ref":"#/properties/x/anyOf/0","maxLength":3}},"required":["x"]}""",
            ["{\"x\":\"a\"}"], ["{\"x\":\"b\"}"] },
        { """{"properties":{"ab":{"type":"null"},"a%62":{"$ref":"#/properties/a%62"}},"required":["a%62"]}""", ["{\"a%62\":null}"], ["{\"a%62\":1}"] },
        { """{"type":"string","minLength":2,"maxLength":3}""", ["\"ab\"", "\"éü€\"", "\"\\n\\\"\"", "\"\\u0041b\""], ["\"a\"", "\"abcd\"", "\"é\""] },
        { """{"type":"string","pattern":"^[A-Z]{2}-\\d+$"}""", ["\"AB-1\"", "\"XY-007\""], ["\"AB-\"", "\"aB-1\"", "\"AB-1 \"", "\" AB-1\""] },
        { """{"type":"string","pattern":"b+"}""", ["\"b\"", "\"abba\""], ["\"\"", "\"a\""] },
        { """{"type":"string","format":"date"}""", ["\"2024-02-29\"", "\"2023-12-31\"", "\"2000-02-29\""], ["\"2023-02-29\"", "\"1900-02-29\"", "\"2023-04-31\"", "\"2023-13-01\""] },
        { """{"type":"string","format":"date-time"}""", ["\"2023-12-31T23:59:59Z\"", "\"2023-01-01T00:00:00.123+02:00\""], ["\"2023-12-31\"", "\"2023-12-31T24:00:00Z\"", "\"2023-12-31 23:59:59Z\""] },
        { """{"type":"string","format":"uuid"}""", ["\"123e4567-e89b-12d3-a456-426614174000\""], ["\"123e4567e89b12d3a456426614174000\"", "\"123e4567-e89b-12d3-a456-42661417400g\""] },
        { """{"type":"string","format":"email"}""", ["\"a.b@example.org\""], ["\"a@\"", "\"@b.c\"", "\"a b@c.de\""] },
        { """{"type":"string","format":"ipv4"}""", ["\"127.0.0.1\""], ["\"256.0.0.1\"", "\"1.2.3\""] },
        { """{"properties":{"a":{"type":"integer"}}}""", ["{}", "{\"a\":1}"], ["1", "{\"a\":\"x\"}"] },
    };

    public static TheoryData<string, string> Refused => new()
    {
        { """{"not":{}}""", "'not'" },
        { """{"properties":{"a":{"patternProperties":{}}}}""", "#/properties/a: answers cannot be held to 'patternProperties'" },
        { """{"type":"array","uniqueItems":true}""", "'uniqueItems'" },
        { """{"type":"integer","multipleOf":3}""", "'multipleOf'" },
        { """{"type":"strnig"}""", "'type' must be" },
        { """{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "oneOf/0 and oneOf/1" },
        { """{"$ref":"https://example.org/x"}""", "'$ref' must point into the schema itself" },
        { """{"$ref":"#/$defs/none"}""", "where nothing is" },
        { """{"$ref":"#"}""", "refers to itself" },
        { """{"anyOf":[{"$ref":"#"},{"type":"null"}]}""", "refers to itself" },
        { """{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}""", "refers to itself" },
        { """{"type":"string","minimum":3,"enum":[1]}""", "no value can satisfy" },
        { """{"type":"integer","minimum":5,"maximum":4}""", "no value can satisfy" },
        { """{"type":"object","properties":{"a":false},"required":["a"]}""", "no value can satisfy" },
        { """{"$defs":{"t":{"type":"object","properties":{"t":{"$ref":"#/$defs/t"}},"required":["t"]}},"$ref":"#/$defs/t"}""", "no value can satisfy" },
        { """{"type":"array","minItems":1001}""", "at most 1000" },
        { """{"type":"string","maxLength":-1}""", "must be a whole number" },
        { """{"type":"string","format":"isbn"}""", "the format 'isbn'" },
        { """{"type":"string","pattern":"(?=a)b"}""", "looks around" },
        { """{"type":"string","pattern":"(a"}""", "without its ')'" },
        { """{"type":"string","pattern":"+a"}""", "nothing before it" },
        { """{"type":"string","pattern":"(a)\\1"}""", "'\\1'" },
        { """{"type":"string","pattern":"a","minLength":2}""", "more than one of" },
        { """{"properties":[]}""", "'properties' must be an object" },
        { """{"required":"a"}""", "'required' must be a list" },
        { """{"anyOf":[]}""", "not empty" },
        { "3", "must be an object, true or false" },
    };

    [Fact]
    public void A_long_name_with_many_branches_below_it_is_refused_before_it_fills_memory()
    {
        var branches = $$"""{"allOf":[{{string.Join(',', Enumerable.Repeat("true", 55))}}],"anyOf":[{{string.Join(',', Enumerable.Repeat("{}", 4000))}}]}""";
        var schema = "{\"properties\":{\"" + new string('n', 30_000) + "\":" + branches + "}}";
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("at most 2048", Assert.Throws<FormException>(() => Form.OfSchema(schema)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Theory]
    [MemberData(nameof(Schemas))]
    public void A_schema_lets_through_what_it_says(string schema, string[] valid, string[] invalid)
    {
        var form = Form.OfSchema(schema);
        Assert.All(valid, text => Assert.True(form.Accepts(text), text));
        Assert.All(invalid, text => Assert.False(form.Accepts(text), text));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_answers_cannot_be_held_to_is_refused_by_name(string schema, string named) =>
        Assert.Contains(named, Assert.Throws<FormException>(() => Form.OfSchema(schema)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("not", "{}")]
    [InlineData("if", "{}")]
    [InlineData("then", "{}")]
    [InlineData("else", "{}")]
    [InlineData("dependentRequired", "{}")]
    [InlineData("dependentSchemas", "{}")]
    [InlineData("dependencies", "{}")]
    [InlineData("patternProperties", "{}")]
    [InlineData("propertyNames", "{}")]
    [InlineData("minProperties", "1")]
    [InlineData("maxProperties", "1")]
    [InlineData("contains", "{}")]
    [InlineData("minContains", "1")]
    [InlineData("maxContains", "1")]
    [InlineData("uniqueItems", "true")]
    [InlineData("unevaluatedItems", "false")]
    [InlineData("unevaluatedProperties", "false")]
    [InlineData("multipleOf", "2")]
    [InlineData("$dynamicRef", "\"#a\"")]
    [InlineData("$recursiveRef", "\"#\"")]
    public void Every_keyword_that_limits_values_and_is_not_served_is_refused_by_its_name(string keyword, string value) => Assert.Contains(
        $"'{keyword}'", Assert.Throws<FormException>(() => Form.OfSchema("{\"properties\":{\"a\":{\"" + keyword + "\":" + value + "}}}")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5, 5)]
    [InlineData(7, 123)]
    [InlineData(99, 1001)]
    [InlineData(-1234, -98)]
    [InlineData(-1, 0)]
    [InlineData(1999, 2001)]
    public void Integers_between_bounds_are_exactly_those(int least, int most)
    {
        var closed = Form.OfSchema($$"""{"type":"integer","minimum":{{least}},"maximum":{{most}}}""");
        var open = Form.OfSchema($$"""{"type":"integer","exclusiveMinimum":{{least}},"exclusiveMaximum":{{most + 2}}}""");
        var above = Form.OfSchema($$"""{"type":"integer","minimum":{{least}}}""");
        var below = Form.OfSchema("{\"type\":\"integer\",\"maximum\":" + (most + 0.5m).ToString(System.Globalization.CultureInfo.InvariantCulture) + "}");
        for (var number = -3000; number <= 3000; number++)
        {
            Assert.Equal(number >= least && number <= most, closed.Accepts($"{number}"));
            Assert.Equal(number > least && number < most + 2, open.Accepts($"{number}"));
            Assert.Equal(number >= least, above.Accepts($"{number}"));
            Assert.Equal(number <= most, below.Accepts($"{number}"));
        }
    }

    [Theory]
    [InlineData("0", "1")]
    [InlineData("-1.5", "2.25")]
    [InlineData("0.125", "0.13")]
    [InlineData("-0.3", "-0.05")]
    [InlineData("2.5", "2.5")]
    [InlineData("9.99", "100.01")]
    public void Numbers_between_bounds_are_exactly_those(string least, string most)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var (low, high) = (decimal.Parse(least, culture), decimal.Parse(most, culture));
        var closed = Form.OfSchema($$"""{"type":"number","minimum":{{least}},"maximum":{{most}}}""");
        var open = Form.OfSchema($$"""{"type":"number","exclusiveMinimum":{{low - 1}},"exclusiveMaximum":{{most}}}""");
        var random = new Random(4);
        for (var round = 0; round < 4000; round++)
        {
            var near = random.Next(3) switch { 0 => low, 1 => high, _ => (low + high) / 2 };
            var number = decimal.Round(near + ((decimal)(random.NextDouble() - 0.5) * random.Next(1, 6)), random.Next(0, 5));
            number = number == 0 ? 0 : number;
            var text = number.ToString(culture);
            Assert.Equal(number >= low && number <= high, closed.Accepts(text));
            Assert.Equal(number > low - 1 && number < high, open.Accepts(text));
        }
    }
}
