namespace Flotilla.Ledger.Tests;

internal enum ModelVerb
{
    Fund,
    Hold,
    Settle,
    Tick,
}
