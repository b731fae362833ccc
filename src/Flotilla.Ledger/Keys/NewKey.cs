using Flotilla.Core;

namespace Flotilla.Ledger;

/// <summary>A key that was just made: the only time that its secret is seen.</summary>
/// <param name="Id">Names the key from now on.</param>
/// <param name="Secret">What the client sends; only its SHA-256 is stored.</param>
public sealed record NewKey(KeyId Id, string Secret)
{
    /// <summary>The id alone, so that a log line or an exception can't show the secret.</summary>
    public override string ToString() => $"NewKey {Id}";
}
