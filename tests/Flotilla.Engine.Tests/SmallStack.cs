using System.Runtime.ExceptionServices;

namespace Flotilla.Engine.Tests;

/// <summary>As small a stack as any thread of ours has: parsers and interpreters must not lean on more.</summary>
internal static class SmallStack
{
    public static T Run<T>(Func<T> action)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = action();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            256 * 1024);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }
}
