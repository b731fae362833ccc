namespace Flotilla.Engine.Tests.Kernels;

/// <summary>Floats of every kind that weights and activations can bring along.</summary>
internal sealed class RandomValues(int seed)
{
    private readonly Random _random = new(seed);

    public int Next(int min, int max) => _random.Next(min, max);

    /// <summary>One of: ordinary values, with denormals and zeros among them, all zeros, very small, very large.</summary>
    public float[] Floats(int length, bool hostile = false)
    {
        var kind = _random.Next(hostile ? 7 : 5);
        var values = new float[length];
        for (var i = 0; i < length; i++)
        {
            values[i] = kind switch
            {
                0 => Unit() * 4,
                1 => _random.Next(4) switch { 0 => float.Epsilon * _random.Next(1000), 1 => -0f, _ => Unit() },
                2 => 0,
                3 => Unit() * 1e-38f,
                4 => Unit() * (float)Math.Pow(10, _random.Next(-6, 7)),
                5 => _random.Next(50) == 0 ? float.NaN : Unit(),
                _ => _random.Next(50) == 0 ? float.PositiveInfinity * Math.Sign(Unit()) : Unit() * 1e38f,
            };
        }

        return values;
    }

    /// <summary>A half-precision float, denormals and zeros among them.</summary>
    public Half Half() => _random.Next(8) == 0
        ? BitConverter.UInt16BitsToHalf((ushort)((_random.Next(2) << 15) | _random.Next(0x400)))
        : (Half)(Unit() * 2);

    /// <summary>Any byte, −128 among them.</summary>
    public sbyte Byte() => (sbyte)_random.Next(-128, 128);

    /// <summary>A float of any size, denormals and zeros among them.</summary>
    public float Float() => _random.Next(8) == 0 ? float.Epsilon * _random.Next(1000) : Unit() * (float)Math.Pow(10, _random.Next(-6, 3));

    /// <summary>A float in [−1, 1).</summary>
    public float Unit() => ((float)_random.NextDouble() * 2) - 1;
}
