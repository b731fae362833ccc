using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Engine.Tokenization;

namespace Flotilla.Engine.Gguf;

/// <summary>The tokenizer's part of a header, as its source and as its digest.</summary>
internal static class TokenizerMetadata
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>Collects the tokenizer's metadata. Ids outside the vocabulary are refused here, before anybody indexes with them.</summary>
    public static TokenizerSource Read(GgufMetadata metadata)
    {
        var tokens = metadata.StringsOrNull(Prefix + "tokens")
            ?? throw new GgufException(GgufError.MissingKey, $"The metadata key {Prefix}tokens is missing: the file has no tokenizer.");
        if (tokens.Count is 0 or > EngineLimits.VocabularyMax)
            throw new GgufException(GgufError.BadTokenizer, $"{Prefix}tokens has {tokens.Count} elements; 1 to {EngineLimits.VocabularyMax} are allowed.");
        return new TokenizerSource
        {
            Model = metadata.String(Prefix + "model"),
            Pre = metadata.StringOrNull(Prefix + "pre"),
            Tokens = [.. tokens],
            TokenTypes = SameLength("token_type", metadata.Int32sOrNull(Prefix + "token_type"), tokens.Count),
            Merges = [.. metadata.StringsOrNull(Prefix + "merges") ?? Enumerable.Empty<string>()],
            Scores = SameLength("scores", metadata.SinglesOrNull(Prefix + "scores"), tokens.Count),
            Bos = Id("bos_token_id"),
            Eos = Id("eos_token_id"),
            Eot = Id("eot_token_id"),
            Eom = Id("eom_token_id"),
            Unk = Id("unknown_token_id"),
            // GGUF's own spelling.
            Sep = Id("seperator_token_id"),
            Pad = Id("padding_token_id"),
            AddBos = metadata.BooleanOrNull(Prefix + "add_bos_token"),
            AddEos = metadata.BooleanOrNull(Prefix + "add_eos_token"),
            AddSep = metadata.BooleanOrNull(Prefix + "add_sep_token"),
            AddSpacePrefix = metadata.BooleanOrNull(Prefix + "add_space_prefix"),
            RemoveExtraSpaces = metadata.BooleanOrNull(Prefix + "remove_extra_whitespaces"),
            CharacterMap = metadata.BytesOrNull(Prefix + "precompiled_charsmap"),
            Lowercase = metadata.BooleanOrNull(Prefix + "normalizer.lowercase"),
            StripAccents = metadata.BooleanOrNull(Prefix + "normalizer.strip_accents"),
        };

        int? Id(string name) => metadata.Has(Prefix + name) ? metadata.Int32(Prefix + name, 0, tokens.Count - 1) : null;
    }

    /// <summary>SHA-256 over all that decides how text becomes tokens, each part with its length before it.</summary>
    public static string Digest(TokenizerSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, source.Model);
        Append(hash, source.Pre ?? "");
        Append(hash, source.Tokens.Count);
        foreach (var token in source.Tokens)
            Append(hash, token);
        Append(hash, source.Merges.Count);
        foreach (var merge in source.Merges)
            Append(hash, merge);
        foreach (var type in source.TokenTypes ?? [])
            Append(hash, type);
        foreach (var score in source.Scores ?? [])
            Append(hash, BitConverter.SingleToInt32Bits(score));
        foreach (var id in (int?[])[source.Bos, source.Eos, source.Eot, source.Eom, source.Unk, source.Pad, Flag(source.AddBos), Flag(source.AddSpacePrefix)])
            Append(hash, id ?? -1);
        // What came later counts only where a file has it, so that digests of other files stay.
        int?[] later =
            [source.Sep, Flag(source.AddEos), Flag(source.AddSep), Flag(source.RemoveExtraSpaces), Flag(source.Lowercase), Flag(source.StripAccents), source.CharacterMap?.Length];
        if (later.Any(value => value is not null))
        {
            foreach (var value in later)
                Append(hash, value ?? -1);
            hash.AppendData(source.CharacterMap ?? []);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static int? Flag(bool? value) => value is null ? null : value.Value ? 1 : 0;

    private static void Append(IncrementalHash hash, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        Append(hash, utf8.Length);
        hash.AppendData(utf8);
    }

    private static void Append(IncrementalHash hash, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }

    private static T[]? SameLength<T>(string name, T[]? values, int tokens) => values is null || values.Length == tokens
        ? values
        : throw new GgufException(GgufError.BadTokenizer, $"{Prefix}{name} has {values.Length} elements, {Prefix}tokens has {tokens}.");
}
