using Microsoft.AspNetCore.Http;

namespace Flotilla.Gateway.Calls;

/// <summary>What an internal call was answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">Response headers.</param>
/// <param name="Body">The whole body.</param>
/// <param name="IsWhole">False where the answer broke off: a client at a socket would have lost its connection.</param>
internal sealed record CallAnswer(int Status, IHeaderDictionary Headers, ReadOnlyMemory<byte> Body, bool IsWhole);
