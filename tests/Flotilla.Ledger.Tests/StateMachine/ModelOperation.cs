using FsCheck;
using FsCheck.Fluent;

namespace Flotilla.Ledger.Tests;

/// <summary>One generated event. Small numbers on purpose: ids, jobs and amounts shall collide.</summary>
/// <param name="Verb">What happens.</param>
/// <param name="Id">Which of the ids, shared by all kinds of transfer.</param>
/// <param name="Target">The hold of a settlement, the job of a hold.</param>
/// <param name="Customer">0 and 1 exist, 2 does not.</param>
/// <param name="Amount">Micro-credits, also below zero.</param>
/// <param name="PayPercent">Of a charge, also above 100.</param>
/// <param name="Payee">0 nobody, 1 an operator, 2 an account that does not exist.</param>
/// <param name="Variant">Changes the content and nothing else.</param>
/// <param name="Seconds">A hold's timeout, or how far the clock moves.</param>
internal sealed record ModelOperation(
    ModelVerb Verb, int Id, int Target, int Customer, long Amount, int PayPercent, int Payee, int Variant, int Seconds)
{
    private const int IdMax = 9;
    private const int JobMax = 4;

    public static Arbitrary<ModelOperation[]> Sequences { get; } = Arb.From(
        Gen.Choose(10, 50).SelectMany(length => One().ArrayOf(length)),
        sequence => Enumerable.Range(0, sequence.Length).Select(i => sequence.Where((_, at) => at != i).ToArray()));

    private static Gen<ModelOperation> One() =>
        from verb in Gen.Frequency(
            (3, Gen.Constant(ModelVerb.Fund)), (6, Gen.Constant(ModelVerb.Hold)), (6, Gen.Constant(ModelVerb.Settle)), (1, Gen.Constant(ModelVerb.Tick)))
        from target in Gen.Choose(0, JobMax)
        from anyId in Gen.Choose(0, IdMax)
        from ownId in Gen.Frequency((4, Gen.Constant(verb == ModelVerb.Hold)), (1, Gen.Constant(false)))
        from customer in Gen.Frequency((6, Gen.Constant(0)), (3, Gen.Constant(1)), (1, Gen.Constant(2)))
        from amount in Gen.Elements(-1L, 0, 1, 2, 3, 5, 8, 13, 21)
        from pay in Gen.Elements(0, 0, 50, 100, 150)
        from payee in Gen.Frequency((3, Gen.Constant(0)), (6, Gen.Constant(1)), (1, Gen.Constant(2)))
        from variant in Gen.Frequency((9, Gen.Constant(0)), (1, Gen.Constant(1)))
        from seconds in Gen.Elements(0, 1, 3, 10, 30)
        select new ModelOperation(verb, ownId ? target : anyId, target, customer, amount, pay, payee, variant, seconds);
}
