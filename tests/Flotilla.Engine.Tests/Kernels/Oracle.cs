namespace Flotilla.Engine.Tests.Kernels;

/// <summary>
/// The numerics contract as plain loops, written from docs/numerics.md and sharing no code with the kernels. What differs
/// from it by one bit is wrong.
/// </summary>
internal static class Oracle
{
    public static float Sum16(IReadOnlyList<float> lanes)
    {
        var tree = lanes.ToArray();
        for (var half = 8; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++)
                tree[lane] += tree[lane + half];
        }

        return tree[0];
    }

    public static float SumOverLanes(float[] x)
    {
        var lanes = new float[16];
        for (var i = 0; i < x.Length; i++)
            lanes[i % 16] += x[i];
        return Sum16(lanes);
    }

    public static float SumOfSquares(float[] x)
    {
        var lanes = new float[16];
        for (var i = 0; i < x.Length; i++)
            lanes[i % 16] = MathF.FusedMultiplyAdd(x[i], x[i], lanes[i % 16]);
        return Sum16(lanes);
    }

    public static float[] RmsNorm(float[] x, float[] weight, float epsilon)
    {
        var r = 1f / MathF.Sqrt((SumOfSquares(x) / x.Length) + epsilon);
        return [.. x.Select((value, i) => value * r * weight[i])];
    }

    public static float[] CentredNorm(float[] x, float[] scale, float[] shift, float epsilon)
    {
        var mean = SumOverLanes(x) / x.Length;
        var variance = SumOfSquares([.. x.Select(value => value - mean)]) / x.Length;
        var r = 1f / MathF.Sqrt(variance + epsilon);
        return [.. x.Select((value, i) => ((value - mean) * r * scale[i]) + shift[i])];
    }

    public static float Gelu(float x) => x / (1f + Exp(-1.5957691216f * (x * MathF.FusedMultiplyAdd(0.044715f * x, x, 1f))));

    public static float Exp(float x)
    {
        if (x < -87f)
            return 0;
        if (x > 88f)
            return float.PositiveInfinity;
        var n = MathF.FusedMultiplyAdd(x, 1.44269504088896341f, 12582912f) - 12582912f;
        var r = MathF.FusedMultiplyAdd(n, -0.693359375f, x);
        r = MathF.FusedMultiplyAdd(n, 2.12194440e-4f, r);
        var p = 1.9875691500e-4f;
        foreach (var c in (float[])[1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f])
            p = MathF.FusedMultiplyAdd(p, r, c);
        var y = MathF.FusedMultiplyAdd(p, r * r, r) + 1f;
        return float.IsNaN(x) ? float.NaN : y * BitConverter.Int32BitsToSingle(((int)n + 127) << 23);
    }

    public static (float[] Values, float Sum) ExpSum(float[] x, float max)
    {
        var lanes = new float[16];
        var values = new float[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            values[i] = Exp(x[i] - max);
            lanes[i % 16] += values[i];
        }

        return (values, Sum16(lanes));
    }

    public static float SwiGlu(float gate, float up) => gate / (1f + Exp(0f - gate)) * up;

    public static float GeGlu(float gate, float up)
    {
        var inner = gate * MathF.FusedMultiplyAdd(0.044715f * gate, gate, 1f);
        return gate / (1f + Exp(-1.5957691216f * inner)) * up;
    }

    public static float Cap(float x, float cap) => cap * (1f - (2f / (Exp(2f * (x / cap)) + 1f)));

    public static (short[] Quantized, float[] Scales, float[] Sums) Quantize(float[] x)
    {
        var quantized = new short[x.Length];
        var scales = new float[x.Length / 32];
        var sums = new float[x.Length / 16];
        for (var block = 0; block < scales.Length; block++)
        {
            var part = x.AsSpan(block * 32, 32).ToArray();
            if (part.Any(value => !float.IsFinite(value)))
            {
                scales[block] = sums[2 * block] = sums[(2 * block) + 1] = float.NaN;
                continue;
            }

            var max = part.Max(MathF.Abs);
            if (max < 1e-30f)
                continue;
            scales[block] = max / 127f;
            var inverse = 127f / max;
            for (var i = 0; i < 32; i++)
                quantized[(block * 32) + i] = (short)Math.Round((double)part[i] * inverse, MidpointRounding.ToEven);
            for (var half = 2 * block; half < 2 * (block + 1); half++)
                sums[half] = quantized.Skip(16 * half).Take(16).Sum(value => value) * scales[block];
        }

        return (quantized, scales, sums);
    }

    public static float[] Rotate(float[] head, float[] cos, float[] sin)
    {
        var result = head.ToArray();
        for (var i = 0; i < cos.Length; i++)
        {
            var (a, b) = (head[i], head[cos.Length + i]);
            result[i] = MathF.FusedMultiplyAdd(a, cos[i], 0f - (b * sin[i]));
            result[cos.Length + i] = MathF.FusedMultiplyAdd(b, cos[i], a * sin[i]);
        }

        return result;
    }

    /// <summary>One output of a float product.</summary>
    public static float Dot(ReadOnlySpan<float> row, ReadOnlySpan<float> x)
    {
        var sum = 0f;
        for (var i = 0; i < row.Length; i++)
            sum = MathF.FusedMultiplyAdd(row[i], x[i], sum);
        return sum;
    }

    /// <summary>Attention of one head; keys and values are (positions, head length).</summary>
    public static float[] Attend(float[][] keys, float[][] values, float[] query, float scale, int first = 0, float cap = 0)
    {
        var padded = (keys.Length + 15) / 16 * 16;
        var scores = new float[padded];
        Array.Fill(scores, float.NegativeInfinity);
        for (var t = first; t < keys.Length; t++)
            scores[t] = cap > 0 ? Cap(Dot(keys[t], query) * scale, cap) : Dot(keys[t], query) * scale;
        var (weights, sum) = ExpSum(scores, scores.Max());
        var inverse = 1f / sum;
        var output = new float[query.Length];
        for (var i = 0; i < output.Length; i++)
        {
            var acc = 0f;
            for (var t = 0; t < values.Length; t++)
                acc = MathF.FusedMultiplyAdd(values[t][i], weights[t], acc);
            output[i] = acc * inverse;
        }

        return output;
    }
}
