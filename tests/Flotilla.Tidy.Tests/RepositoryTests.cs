using Xunit;

namespace Flotilla.Tidy.Tests;

/// <summary>The rules, applied to the whole repository.</summary>
public sealed class RepositoryTests
{
    [Fact]
    public void Rooms_reference_only_what_the_map_allows() => Repository.AssertNone(
        Repository.TextFiles.Where(IsRoomProject).SelectMany(ReferenceMap.Violations),
        "Rooms are walled off from each other (docs/architecture.md):");

    [Fact]
    public void Source_files_are_at_most_400_lines() => Repository.AssertNone(
        Repository.TextFiles.Where(Rules.IsSized).SelectMany(file => Rules.LongFile(file, Exceptions.LongFiles)),
        "Files too long to read in one sitting:");

    [Fact]
    public void Methods_are_at_most_70_lines() => Repository.AssertNone(
        Repository.CSharpFiles.Where(Rules.IsSized).SelectMany(file => CSharpRules.LongMethod(file, Exceptions.LongMethods)),
        "Methods too long to see at once:");

    [Fact]
    public void Exceptions_are_still_needed_and_say_why()
    {
        string[] longFiles = [.. Repository.TextFiles.Where(Rules.IsSized).Where(file => Rules.LongFile(file, Empty).Any()).Select(file => file.Path)];
        string[] longMethods =
        [
            .. from file in Repository.CSharpFiles.Where(Rules.IsSized)
               from method in CSharpRules.Methods(file)
               where method.Lines > Rules.MethodLinesMax
               select $"{file.Path} {method.Name}",
        ];
        IEnumerable<KeyValuePair<string, string>> all = [.. Exceptions.LongFiles, .. Exceptions.LongMethods];
        Repository.AssertNone(
            all.Where(entry => !longFiles.Contains(entry.Key) && !longMethods.Contains(entry.Key)).Select(entry => $"{entry.Key}: not needed any more")
                .Concat(all.Where(entry => entry.Value.Length < 20).Select(entry => $"{entry.Key}: give a reason")),
            "Exceptions.cs:");
    }

    [Fact]
    public void Each_public_type_has_its_own_file() => Repository.AssertNone(
        Repository.CSharpFiles.Where(Rules.IsSized).SelectMany(CSharpRules.PublicTypes),
        "One public type a file, named after it:");

    [Fact]
    public void Core_stays_small()
    {
        string[] files = [.. Repository.CSharpFiles.Select(file => file.Path).Where(path => path.StartsWith("src/Flotilla.Core/", StringComparison.Ordinal))];
        Assert.NotEmpty(files);
        Assert.True(files.Length <= Rules.CoreFilesMax,
            $"src/Flotilla.Core has {files.Length} files, the limit is {Rules.CoreFilesMax}: put the type into the room that uses it.");
    }

    [Fact]
    public void Every_room_has_a_README_of_at_most_one_screen()
    {
        string[] rooms = [.. Repository.Files.Where(path => path.StartsWith("src/", StringComparison.Ordinal)).Select(path => path.Split('/')[1]).Distinct()];
        Assert.NotEmpty(rooms);
        Repository.AssertNone(
            rooms.Where(room => !Repository.Files.Contains($"src/{room}/README.md")).Select(room => $"src/{room}/README.md is missing")
                .Concat(rooms.Select(room => $"src/{room}/README.md").Where(Repository.Files.Contains)
                    .SelectMany(path => Rules.LongReadme(Repository.Read(path)!))),
            "A room says what it is, what it may use and where to start reading:");
    }

    [Fact]
    public void Documents_point_at_things_that_exist() => Repository.AssertNone(
        Repository.TextFiles.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(file => DocumentRules.MissingPaths(file, [.. Repository.Files])),
        "Documents for things that are not there:");

    [Fact]
    public void No_work_is_left_in_comments() => Repository.AssertNone(Repository.TextFiles.SelectMany(Rules.UnfinishedWork), "Unfinished work:");

    [Fact]
    public void No_file_names_a_package_registry() => Repository.AssertNone(
        Repository.TextFiles.SelectMany(Rules.RegistryHost), "Where packages come from is the machine's setting:");

    [Fact]
    public void No_file_names_a_path_of_one_machine() => Repository.AssertNone(
        Repository.TextFiles.SelectMany(Rules.HomePath), "Paths that exist on one machine:");

    [Fact]
    public void Every_banned_symbol_has_a_reason() => Repository.AssertNone(
        Rules.BanWithoutReason(Repository.Read("eng/BannedSymbols.txt")!), "Say what to use instead:");

    private static IReadOnlyDictionary<string, string> Empty { get; } = new Dictionary<string, string>();

    private static bool IsRoomProject(SourceFile file) => file.Area == "src" && file.Path.EndsWith(".csproj", StringComparison.Ordinal);
}
