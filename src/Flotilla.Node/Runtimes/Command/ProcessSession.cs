using System.Globalization;
using System.Runtime.InteropServices;

namespace Flotilla.Node.Runtimes.Command;

/// <summary>The processes of one program: whatever it started is in its session, as long as it makes none of its own.</summary>
internal static partial class ProcessSession
{
    private const int SigKill = 9;

    /// <summary>The ids of the session's processes that live, zombies left out.</summary>
    public static IReadOnlyList<int> Members(int session)
    {
        var members = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && IsIn(session, folder))
                members.Add(id);
        }

        return members;
    }

    /// <summary>Kills all of it: the group first, in one step, so that nothing can be started in between; then what left the group.</summary>
    public static void Kill(int session)
    {
        _ = SendSignal(-session, SigKill);
        foreach (var id in Members(session))
            _ = SendSignal(id, SigKill);
    }

    private static bool IsIn(int session, string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            // pid (name) state parent group session …; the name may hold anything, so what counts stands after its last bracket.
            var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > 3 && fields[0] is not ("Z" or "X") && int.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var its) && its == session;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int id, int signal);
}
