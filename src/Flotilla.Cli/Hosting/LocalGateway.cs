using Flotilla.Cli.Output;
using Flotilla.Cli.Settings;
using Flotilla.Core;
using Flotilla.Gateway;
using Flotilla.Ledger;

namespace Flotilla.Cli.Hosting;

/// <summary>
/// The gateway of this process, with the keys that this machine's commands use. Its <c>credentials.json</c> is there while it can
/// answer and only then, so that waiting for the file is waiting for the gateway.
/// </summary>
internal sealed class LocalGateway : IAsyncDisposable
{
    private const string FirstNamespace = "default";

    private readonly GatewayApp _app;
    private readonly CredentialsFile _file;

    private LocalGateway(GatewayApp app, CredentialsFile file, Credentials credentials, AccountId firstAccount) =>
        (_app, _file, Credentials, FirstAccount) = (app, file, credentials, firstAccount);

    /// <summary>How to reach it from this machine.</summary>
    public Credentials Credentials { get; }

    /// <summary>The account of the first namespace; nodes of this machine earn for it.</summary>
    public AccountId FirstAccount { get; }

    /// <summary>Its ledger.</summary>
    public LedgerStore Ledger => _app.Ledger;

    /// <summary>Where it listens, as it was told.</summary>
    public string ListensAt => _app.BaseUrl;

    /// <summary>What a node on this machine dials.</summary>
    public Uri Origin => LocalAddress.Of(_app.Origin);

    /// <summary>
    /// Starts the gateway. A new ledger gets an account, a namespace, its first credits and keys; else the keys of the last run are
    /// taken over where they are still good.
    /// </summary>
    /// <exception cref="CommandFailedException">An option is wrong that only the start can judge, such as the address to listen on.</exception>
    public static async Task<LocalGateway> StartAsync(GatewayOptions options, bool verbose, CancellationToken ct)
    {
        var file = CredentialsFile.SetAside(options.DataFolder);
        GatewayApp app;
        try
        {
            app = await GatewayApp.StartAsync(options, logging => Logs.Configure(logging, verbose), cancellation: ct);
        }
        catch (LedgerInUseException)
        {
            file.PutBack();
            throw;
        }
        catch (ArgumentException fault) when (fault.ParamName == nameof(options))
        {
            throw new CommandFailedException(ExitCode.Usage, fault.Message);
        }
        var (account, space) = await GatewayBootstrap.EnsureNamespaceAsync(app.Ledger, FirstNamespace, CliLimits.WelcomeCredits, SystemIdSource.Instance);
        Credentials credentials = new(
            new Uri(LocalAddress.Of(app.Origin), "v1").ToString(),
            await GoodOrNewAsync(app.Ledger.Keys, file.Last?.ApiKey, space, "local", KeyKind.Client),
            await GoodOrNewAsync(app.Ledger.Keys, file.Last?.AdminKey, null, "local admin", KeyKind.Admin));
        return new LocalGateway(app, file, credentials, account);
    }

    /// <summary>Says that the gateway can answer now.</summary>
    public void Publish() => _file.Publish(Credentials);

    /// <summary>Finishes the running requests and stops.</summary>
    public async Task StopAsync()
    {
        _file.Withdraw();
        await _app.StopAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static async Task<string> GoodOrNewAsync(KeyBook keys, string? secret, NamespaceId? space, string name, KeyKind kind) =>
        secret is not null && keys.Find(KeyBook.HashOf(secret)) is { IsRevoked: false } key && key.Kind == kind
            ? secret
            : (await keys.CreateKeyAsync(space, name, kind)).Secret;
}
