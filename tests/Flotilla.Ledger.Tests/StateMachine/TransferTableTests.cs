namespace Flotilla.Ledger.Tests;

/// <summary>The rules of transfers, as tables. In each, a refusal that several faults could cause is the one that <see cref="TransferStatus"/> lists first.</summary>
public sealed class TransferTableTests
{
    [Fact]
    public Task Holds_are_posted_voided_or_expire() => TransferScript.CheckAsync("""
        fund   F1 A1 100                     | Created
        hold   H1 A1 60                      | Created
        hold   H2 A1 50                      | ExceedsCredits          # 40 left
        hold   H2 A1 10                      | Created                 # a refusal leaves no trace: the id is free
        expect A1 free=30 held=70 posted=100
        post   P1 H1 45 pay=36 to=N1         | Created                 # 15 return at once
        expect A1 free=45 held=10 posted=55
        expect N1 earned=36
        expect all issued=100 fees=9
        void   V2 H2                         | Created
        expect A1 free=55 held=0 posted=55
        hold   H3 A1 55                      | Created
        tick   29
        expect A1 free=0 held=55
        tick   1
        expect A1 free=55 held=0 posted=55
        post   P3 H3 5                       | HoldExpired
        """);

    [Fact]
    public Task A_hold_ends_once() => TransferScript.CheckAsync("""
        fund   F1 A1 100                     | Created
        hold   H1 A1 10                      | Created
        hold   H2 A1 10                      | Created
        hold   H3 A1 10 timeout=5            | Created
        post   P1 H1 10                      | Created
        post   P2 H1 10                      | HoldAlreadyPosted
        void   V2 H1                         | HoldAlreadyPosted
        void   V3 H2                         | Created
        void   V4 H2                         | HoldAlreadyVoided
        post   P4 H2 1                       | HoldAlreadyVoided
        tick   5
        post   P5 H3 1                       | HoldExpired
        void   V5 H3                         | HoldExpired
        expect A1 free=90 held=0 posted=90
        """);

    [Fact]
    public Task A_repeat_with_the_same_content_exists_and_changes_nothing() => TransferScript.CheckAsync("""
        fund   F1 A1 100                     | Created
        fund   F1 A1 100                     | Exists
        hold   H1 A1 100                     | Created
        hold   H1 A1 100                     | Exists                  # although nothing is free now
        post   P1 H1 70 pay=7 to=N1 receipt=r | Created
        post   P1 H1 70 pay=7 to=N1 receipt=r | Exists
        hold   H1 A1 100                     | Exists                  # a settled hold is no new hold
        hold   H2 A1 30 timeout=9            | Created
        void   V2 H2 status=Failed           | Created
        void   V2 H2 status=Failed           | Exists
        expect A1 free=30 held=0 posted=30
        expect N1 earned=7
        expect all issued=100 fees=63
        """);

    [Fact]
    public Task A_taken_id_with_other_content_says_what_differs() => TransferScript.CheckAsync("""
        fund   F1 A1 100                     | Created
        hold   H1 A1 50                      | Created
        hold   H2 A1 50                      | Created
        post   P1 H1 40 pay=4 to=N1 receipt=r | Created
        void   V2 H2                         | Created
        # funds
        fund   H1 A1 100                     | ExistsWithDifferentKind
        fund   F1 A2 7                       | ExistsWithDifferentNamespace    # the amount differs as well
        fund   F1 A9 7                       | ExistsWithDifferentNamespace
        fund   F1 A1 7 reason=other          | ExistsWithDifferentAmount
        fund   F1 A1 100 reason=other        | ExistsWithDifferentContent
        # holds
        hold   F1 A1 50                      | ExistsWithDifferentKind
        hold   H1 A2 51 key=k                | ExistsWithDifferentNamespace
        hold   H1 A1 51 key=k                | ExistsWithDifferentAmount
        hold   H1 A1 50 key=k                | ExistsWithDifferentContent
        hold   H1 A1 50 job=j                | ExistsWithDifferentContent
        hold   H1 A1 50 model=m              | ExistsWithDifferentContent
        hold   H1 A1 50 price=2              | ExistsWithDifferentContent
        hold   H1 A1 50 timeout=31           | ExistsWithDifferentContent
        # settlements
        post   H1 H1 40                      | ExistsWithDifferentKind
        void   P1 H1                         | ExistsWithDifferentKind
        post   V2 H2 40                      | ExistsWithDifferentKind
        post   P1 H2 41                      | ExistsWithDifferentHold
        post   P1 H9 40                      | ExistsWithDifferentHold
        post   P1 H1 41                      | ExistsWithDifferentAmount
        post   P1 H1 40 pay=3 to=N1 receipt=r | ExistsWithDifferentContent
        post   P1 H1 40 pay=4 to=N2 receipt=r | ExistsWithDifferentContent
        post   P1 H1 40 pay=4 to=N1 receipt=s | ExistsWithDifferentContent
        post   P1 H1 40 pay=4 to=N1          | ExistsWithDifferentContent
        post   P1 H1 40 pay=4 to=N1 receipt=r tokens=31 | ExistsWithDifferentContent
        post   P1 H1 40 pay=4 to=N1 receipt=r job=j     | ExistsWithDifferentContent
        expect A1 free=60 held=0 posted=60
        """);

    [Fact]
    public Task Malformed_requests_are_refused_before_anything_is_looked_up() => TransferScript.CheckAsync("""
        fund   F1 A1 100                     | Created
        fund   F1 A9 -1                      | AmountIsNegative
        fund   F1 A9 0                       | AmountIsZero
        hold   F1 A9 -1 timeout=0            | AmountIsNegative
        hold   F1 A9 1 timeout=0             | TimeoutIsOutOfRange
        hold   H1 A1 1 timeout=86400         | Created
        hold   H2 A1 1 timeout=86401         | TimeoutIsOutOfRange
        post   F1 H9 -5 pay=6                | AmountIsNegative
        post   F1 H9 5 pay=-6                | AmountIsNegative
        post   F1 H9 5 pay=6                 | NodePayExceedsCharge
        void   F1 H9 pay=1                   | NodePayExceedsCharge
        post   F1 H9 5 pay=5 status=Running  | NodePayHasNoOperator
        post   F1 H9 5 status=Running        | OutcomeIsNotFinal
        post   F1 H9 5 status=Expired        | OutcomeIsNotFinal
        post   F1 H9 5 tokens=-1             | OutcomeIsNotFinal
        """);

    [Fact]
    public Task References_and_bounds_are_checked_in_order() => TransferScript.CheckAsync("""
        fund   F1 A9 5                       | NamespaceNotFound
        fund   F1 N1 5                       | NamespaceNotFound       # an operator is no namespace
        fund   F1 A1 100                     | Created
        hold   H9 A9 5 job=job_H1            | NamespaceNotFound
        hold   H1 A1 60                      | Created
        hold   H2 A1 60 job=job_H1           | JobHasAnotherHold       # and too much
        hold   H2 A1 41                      | ExceedsCredits
        hold   H2 A2 1                       | ExceedsCredits
        hold   H2 A1 40                      | Created
        post   P1 H9 5                       | HoldNotFound
        post   P1 F1 5                       | HoldNotFound            # a funding is no hold
        post   P1 H1 61 job=job_H2           | HoldBelongsToAnotherJob
        post   P1 H1 61 pay=1 to=N9          | OperatorNotFound
        post   P1 H1 60 to=N9                | OperatorNotFound        # also where nothing is paid
        post   P1 H1 60 pay=1 to=A1          | OperatorNotFound        # a namespace is no operator
        post   P1 H1 61 pay=1 to=N1          | ExceedsHold
        post   P1 H1 60 pay=60 to=N1         | Created
        post   P2 H1 61 job=job_H2           | HoldBelongsToAnotherJob # before: already posted
        post   P2 H1 61 pay=1 to=N9          | HoldAlreadyPosted
        expect A1 free=0 held=40 posted=40
        expect N1 earned=60
        expect all issued=100 fees=0
        """);

    [Fact]
    public Task Free_models_hold_and_settle_nothing() => TransferScript.CheckAsync("""
        hold   H1 A1 0                       | Created
        hold   H1 A1 0                       | Exists
        post   P1 H1 1                       | ExceedsHold
        void   V1 H1                         | Created
        void   V1 H1                         | Exists
        hold   H2 A1 0 timeout=3             | Created
        tick   3
        void   V2 H2                         | HoldExpired
        expect A1 free=0 held=0 posted=0
        """);

    [Fact]
    public Task Totals_stay_in_range() => TransferScript.CheckAsync("""
        fund   F1 A1 MAX                     | Created
        fund   F2 A2 1                       | ExceedsRange
        hold   H1 A1 MAX                     | Created
        hold   H2 A1 1                       | ExceedsCredits
        post   P1 H1 MAX pay=MAX to=N1       | Created
        expect A1 free=0 held=0 posted=0
        expect N1 earned=9223372036854775807
        """);

    [Fact]
    public void Only_what_time_can_change_is_transient()
    {
        var transient = Enum.GetValues<TransferStatus>().Where(status => status.IsTransient());
        Assert.Equal([TransferStatus.ExceedsCredits, TransferStatus.LedgerIsBusy, TransferStatus.StorageIsFull], transient);
        Assert.Equal([TransferStatus.Created, TransferStatus.Exists], Enum.GetValues<TransferStatus>().Where(status => status.IsDone()));
    }
}
