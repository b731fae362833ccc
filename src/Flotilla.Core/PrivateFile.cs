namespace Flotilla.Core;

/// <summary>Small files that only their owner may read: keys, credentials.</summary>
public static class PrivateFile
{
    /// <summary>Writes the text whole or not at all, with mode 600 from the first byte on.</summary>
    /// <param name="path">The final name; its folder is made where it is missing.</param>
    /// <param name="text">The content, UTF-8.</param>
    public static void Write(string path, string text)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var temporary = full + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, full, overwrite: true);
    }
}
