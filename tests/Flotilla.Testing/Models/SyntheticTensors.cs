namespace Flotilla.Testing.Models;

/// <summary>Tensors of random values.</summary>
internal sealed class SyntheticTensors(GgufWriter writer, SyntheticModelOptions options)
{
    /// <summary>A matrix, or one for each expert.</summary>
    public void Matrix(string name, int rows, int columns, int experts = 0, WeightType? type = null)
    {
        var random = new Weights(options.Seed, name);
        var spread = options.Spread * 1.7f / MathF.Sqrt(columns);
        var values = new float[rows * columns * Math.Max(1, experts)];
        for (var index = 0; index < values.Length; index++)
            values[index] = random.Next() * spread;
        ulong[] shape = experts > 0 ? [(ulong)columns, (ulong)rows, (ulong)experts] : [(ulong)columns, (ulong)rows];
        writer.AddTensor(name, shape, (uint)(type ?? options.Weights), WeightEncoder.Encode(values, type ?? options.Weights));
    }

    /// <summary>A vector of numbers near 1.</summary>
    public void Norm(string name, int length) => Vector(name, length, centre: 1);

    /// <summary>A vector of numbers near 0.</summary>
    public void Bias(string name, int length) => Vector(name, length, centre: 0);

    /// <summary>A vector of numbers between 1 and 9.</summary>
    public void Factors(string name, int length) => Vector(name, length, centre: 5, spread: 4);

    /// <summary>Scale and shift of a normalisation.</summary>
    public void CentredNorm(string name, int length)
    {
        Norm(name + ".weight", length);
        Bias(name + ".bias", length);
    }

    private void Vector(string name, int length, float centre, float spread = 1 / 8f)
    {
        var random = new Weights(options.Seed, name);
        var values = new float[length];
        for (var index = 0; index < length; index++)
            values[index] = centre + (random.Next() * spread);
        writer.AddTensor(name, [(ulong)length], (uint)WeightType.F32, WeightEncoder.Encode(values, WeightType.F32));
    }

    /// <summary>SplitMix64, seeded by the model's seed and the tensor's name.</summary>
    private struct Weights
    {
        private ulong _state;

        public Weights(ulong seed, string name)
        {
            _state = seed;
            foreach (var letter in name)
                _state = (_state ^ letter) * 0x0000_0100_0000_01B3;
        }

        /// <summary>A multiple of 2^−22 in [−1, 1).</summary>
        public float Next()
        {
            _state += 0x9E37_79B9_7F4A_7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            z ^= z >> 31;
            return ((int)(z >> 41) - (1 << 22)) * (1f / (1 << 22));
        }
    }
}
