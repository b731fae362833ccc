using System.Diagnostics.CodeAnalysis;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Gateway;

/// <summary>What a stage answers: a value, or the error that the client shall see.</summary>
internal readonly struct Result<T>
    where T : class
{
    private readonly T? _value;
    private readonly ApiError? _error;

    private Result(T? value, ApiError? error)
    {
        _value = value;
        _error = error;
    }

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(ApiError error) => new(null, error);

    public bool Failed([NotNullWhen(true)] out ApiError? error, [NotNullWhen(false)] out T? value)
    {
        error = _error;
        value = _value;
        return error is not null;
    }
}
