namespace Flotilla.Ledger;

/// <summary>The form of ids that callers choose.</summary>
internal static class Ids
{
    /// <exception cref="ArgumentException">One is missing, too long, or has a dot, which is how the ledger names linked transfers.</exception>
    public static void Check(params ReadOnlySpan<string?> ids)
    {
        foreach (var id in ids)
        {
            if (string.IsNullOrEmpty(id) || id.Length > LedgerLimits.IdCharsMax || id.Contains('.', StringComparison.Ordinal))
                throw new ArgumentException($"'{id}' is no id: 1 to {LedgerLimits.IdCharsMax} characters without a dot.", nameof(ids));
        }
    }
}
