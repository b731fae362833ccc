namespace Flotilla.Core.Tests;

public sealed class Ed25519Tests
{
    // RFC 8032, section 7.1: tests 1, 2, 3 and SHA(abc).
    public static TheoryData<string, string, string, string> Rfc8032 => new()
    {
        {
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        },
    };

    [Theory]
    [MemberData(nameof(Rfc8032))]
    public void Sign_VectorOfRfc8032_Agrees(string seed, string publicKey, string message, string signature)
    {
        foreach (var library in Libraries())
        {
            var key = new SigningKey(library, Convert.FromHexString(seed));
            Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey));
            Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(Convert.FromHexString(message))));
            Assert.True(Ed25519.Verify(library, key.PublicKey, Convert.FromHexString(message), Convert.FromHexString(signature)));
        }
    }

    [Fact]
    public void Chosen_MachineWithLibsodium_IsLibsodium() => Assert.IsType<LibSodium>(Sodium());

    [Fact]
    public void Sign_RandomKeysAndTexts_BothLibrariesAgree()
    {
        var (sodium, openSsl, random) = (Sodium(), new LibCrypto(), new Random(7));
        for (var round = 0; round < 200; round++)
        {
            var (seed, data) = (new byte[Ed25519.KeyBytes], new byte[random.Next(600)]);
            random.NextBytes(seed);
            random.NextBytes(data);
            SigningKey one = new(sodium, seed), other = new(openSsl, seed);
            Assert.Equal(one.PublicKey.ToArray(), other.PublicKey.ToArray());
            var signature = one.Sign(data);
            Assert.Equal(signature, other.Sign(data));
            Assert.True(Ed25519.Verify(openSsl, one.PublicKey, data, signature));
            Assert.True(Ed25519.Verify(sodium, other.PublicKey, data, signature));
            signature = Flip(signature, random.Next(512));
            Assert.False(Ed25519.Verify(openSsl, one.PublicKey, data, signature));
            Assert.False(Ed25519.Verify(sodium, one.PublicKey, data, signature));
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    public void Verify_KeyOfSmallOrder_FailsWithEitherLibrary(string point)
    {
        // With the identity as R and zero as S such a key has signed one text in eight, or every one: OpenSSL lets it pass.
        var identity = Convert.FromHexString("0100000000000000000000000000000000000000000000000000000000000000");
        foreach (var key in new[] { Convert.FromHexString(point), Flip(Convert.FromHexString(point), 255) })
        {
            foreach (var library in Libraries())
            {
                for (byte text = 0; text < 64; text++)
                    Assert.False(Ed25519.Verify(library, key, [text], [.. identity, .. new byte[32]]), $"{library} accepts text {text}");
            }
        }
    }

    [Fact]
    public void Verify_AnyBitChanged_Fails()
    {
        var key = SigningKey.FromSeed(new byte[Ed25519.KeyBytes]);
        byte[] message = [1, 2, 3];
        var signature = key.Sign(message);
        for (var bit = 0; bit < signature.Length * 8; bit++)
            Assert.False(Ed25519.Verify(key.PublicKey, message, Flip(signature, bit)), $"bit {bit} of the signature");
        for (var bit = 0; bit < message.Length * 8; bit++)
            Assert.False(Ed25519.Verify(key.PublicKey, Flip(message, bit), signature), $"bit {bit} of the message");
        for (var bit = 0; bit < Ed25519.KeyBytes * 8; bit++)
            Assert.False(Ed25519.Verify(Flip(key.PublicKey.ToArray(), bit), message, signature), $"bit {bit} of the key");
    }

    [Theory]
    [InlineData(0, 64)]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(32, 0)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    public void Verify_WrongLength_Fails(int keyBytes, int signatureBytes) =>
        Assert.False(Ed25519.Verify(new byte[keyBytes], [1], new byte[signatureBytes]));

    [Fact]
    public void Verify_SignatureWithGroupOrderAdded_Fails()
    {
        // S + L signs the same under a lax verifier: whoever accepts it can't tell two settlements apart by their ids.
        var key = SigningKey.FromSeed(new byte[Ed25519.KeyBytes]);
        var signature = key.Sign([7]);
        var order = Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        var carry = 0;
        for (var i = 0; i < order.Length; i++)
        {
            carry += signature[32 + i] + order[i];
            signature[32 + i] = (byte)carry;
            carry >>= 8;
        }

        Assert.False(Ed25519.Verify(key.PublicKey, [7], signature));
    }

    private static LibSodium Sodium()
    {
        Assert.SkipUnless(Ed25519Library.Chosen is LibSodium, "libsodium is not on this machine");
        return (LibSodium)Ed25519Library.Chosen;
    }

    private static IEnumerable<Ed25519Library> Libraries() => Ed25519Library.Chosen is LibCrypto ? [Ed25519Library.Chosen] : [Ed25519Library.Chosen, new LibCrypto()];

    private static byte[] Flip(byte[] bytes, int bit)
    {
        var copy = bytes.ToArray();
        copy[bit / 8] ^= (byte)(1 << bit % 8);
        return copy;
    }
}
