using System.Text.Json;
using Flotilla.Protocol.Receipts;

namespace Flotilla.Protocol.Tests.Receipts;

public sealed class CanonicalJsonTests
{
    // RFC 8785, section 3.2.2: the string of the first example, € $ U+000F U+000A A ' B " \ \ " /.
    [Fact]
    public void Add_StringOfRfc8785_IsWrittenAsThere()
    {
        var text = new CanonicalJson().Add("string", "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/").ToString();
        Assert.Equal("{\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}", text);
    }

    // Section 3.2.3 sorts members by UTF-16 code units; of its example, the ASCII keys are left by the restriction.
    [Fact]
    public void Add_NotInTheOrderOfCodeUnits_Throws()
    {
        string[] sorted = ["\r", "1", "Z", "a", "a_", "aa", "b"];
        var json = new CanonicalJson();
        foreach (var name in sorted)
            json.Add(name, 1);
        Assert.Equal(sorted, JsonDocument.Parse(json.ToString()).RootElement.EnumerateObject().Select(p => p.Name));
        foreach (var (first, second) in sorted.Zip(sorted.Skip(1)))
            Assert.Throws<ArgumentException>(() => new CanonicalJson().Add(second, 1).Add(first, 1));
    }

    [Fact]
    public void Add_NullsAndObjects_AreNestedWithoutSpaces()
    {
        var text = new CanonicalJson().Add("n", (string?)null, (_, _) => { }).Add("o", "", (_, o) => o.Add("x", (string?)null).Add("y", 1)).Add("p", 2).ToString();
        Assert.Equal("{\"n\":null,\"o\":{\"x\":null,\"y\":1},\"p\":2}", text);
    }

    [Fact]
    public void Add_EveryControlCharacter_ReadsBackTheSame()
    {
        var value = new string([.. Enumerable.Range(0, 0x100).Select(i => (char)i)]) + "\u2028😀";
        Assert.Equal(value, JsonDocument.Parse(new CanonicalJson().Add("v", value).ToString()).RootElement.GetProperty("v").GetString());
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-1, "-1")]
    [InlineData(CanonicalJson.IntegerMax, "9007199254740991")]
    [InlineData(-CanonicalJson.IntegerMax, "-9007199254740991")]
    public void Add_Integer_IsPlainDigits(long value, string digits) => Assert.Equal($"{{\"n\":{digits}}}", new CanonicalJson().Add("n", value).ToString());

    [Theory]
    [InlineData(CanonicalJson.IntegerMax + 1)]
    [InlineData(-CanonicalJson.IntegerMax - 1)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Add_IntegerThatReadersRound_Throws(long value) => Assert.Throws<OverflowException>(() => new CanonicalJson().Add("n", value));

    [Fact]
    public void Add_SameNameTwice_Throws() => Assert.Throws<ArgumentException>(() => new CanonicalJson().Add("n", 1).Add("n", 2));
}
