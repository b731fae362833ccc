using System.Text;
using System.Text.Json;
using Flotilla.Protocol.OpenAI;

namespace Flotilla.Protocol.Receipts;

/// <summary>Reads a receipt's JSON strictly: what is signed must be all there is.</summary>
internal static class ReceiptReader
{
    /// <summary>See <see cref="SignedReceipt.TryParse"/>.</summary>
    public static string? TryRead(string json, out SignedReceipt? receipt)
    {
        receipt = null;
        var bytes = Encoding.UTF8.GetBytes(json);
        if (bytes.Length > ReceiptLimits.TextBytesMax)
            return $"The text has {bytes.Length} bytes; a receipt has at most {ReceiptLimits.TextBytesMax}.";
        if (JsonBody.TryParse(bytes, out var document) is not null)
            return "The text is not one JSON object.";
        using (document)
        {
            var fields = new FieldReader();
            var result = ReadSigned(new Members(document.RootElement, "", fields));
            receipt = fields.Error is null ? result : null;
            return fields.Error?.Message;
        }
    }

    private static SignedReceipt ReadSigned(Members members)
    {
        var signed = new SignedReceipt(ReadReceipt(members.Object("receipt")), members.Text("gateway_signature"), members.Text("salt"));
        members.End();
        return signed;
    }

    private static Receipt ReadReceipt(Members members)
    {
        // First of all, because everything else may mean something else in another version.
        members.Exactly("v", Receipt.Version);
        members.Exactly("algorithm", Receipt.Algorithm);
        var receipt = new Receipt
        {
            JobId = members.Text("job_id"),
            RequestId = members.Text("request_id"),
            HoldTx = members.Text("hold_tx"),
            GatewayPublicKey = members.Text("gateway_public_key"),
            NamespaceCommit = members.Text("namespace_commit"),
            Model = members.Text("model"),
            Node = members.ObjectOrNull("node") is { } node ? ReadNode(node) : null,
            Price = ReadPrice(members.Object("price")),
            PromptTokens = members.Integer("prompt_tokens"),
            CachedTokens = members.Integer("cached_tokens"),
            CompletionTokens = members.Integer("completion_tokens"),
            ChargeMicro = members.Integer("charge"),
            NodePayMicro = members.Integer("node_pay"),
            FeeMicro = members.Integer("fee"),
            Status = members.Status("status"),
            AcceptedUnixMs = members.Integer("accepted_unix_ms"),
            SettledUnixMs = members.Integer("settled_unix_ms"),
            Network = members.Text("network"),
        };
        members.End();
        return receipt;
    }

    private static ReceiptPrice ReadPrice(Members members)
    {
        var price = new ReceiptPrice
        {
            InputPerMillion = members.Integer("input"),
            CachedInputPerMillion = members.Integer("cached_input"),
            OutputPerMillion = members.Integer("output"),
            NodeShareBasisPoints = members.Integer("node_share_basis_points", ReceiptPrice.BasisPoints),
        };
        members.End();
        return price;
    }

    private static NodeProof ReadNode(Members members)
    {
        var node = new NodeProof(ReadWork(members.Object("work")), members.Text("public_key"), members.Text("signature"));
        members.End();
        return node;
    }

    private static WorkStatement ReadWork(Members members)
    {
        var work = new WorkStatement
        {
            JobId = members.Text("job_id"),
            Attempt = members.Integer("attempt"),
            NodeId = members.Text("node_id"),
            Model = members.Text("model"),
            ModelDigest = members.Text("model_digest"),
            NumericsId = members.Text("numerics_id"),
            InputCommit = members.Text("input_commit"),
            OutputCommit = members.Text("output_commit"),
            Seed = members.Text("seed"),
            TraceRoot = members.Text("trace_root"),
            PromptTokens = members.Integer("prompt_tokens"),
            CachedTokens = members.Integer("cached_tokens"),
            CompletionTokens = members.Integer("completion_tokens"),
            FinishedUnixMs = members.Integer("finished_unix_ms"),
            Cancelled = members.Integer("cancelled", 1) == 1,
        };
        members.End();
        return work;
    }

    /// <summary>The members of one object, each of which must be asked for.</summary>
    private sealed class Members(JsonElement value, string path, FieldReader fields)
    {
        private int _read;

        public string Text(string name) => TryTake(name, out var member) ? fields.Text(member, path + name, 0, ReceiptLimits.TextCharsMax) : "";

        public long Integer(string name, long max = CanonicalJson.IntegerMax) =>
            TryTake(name, out var member) ? fields.Integer(member, path + name, 0, max) : 0;

        public Members Object(string name)
        {
            var isObject = TryTake(name, out var member) && fields.Is(member, JsonValueKind.Object, path + name, "an object");
            return new Members(isObject ? member : default, $"{path}{name}.", fields);
        }

        public Members? ObjectOrNull(string name)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out var member) || member.ValueKind != JsonValueKind.Null)
                return Object(name);
            _read++;
            return null;
        }

        public ReceiptStatus Status(string name)
        {
            if (!TryTake(name, out var member))
                return default;
            var text = fields.Text(member, path + name);
            foreach (var status in Enum.GetValues<ReceiptStatus>())
            {
                if (Receipt.NameOf(status) == text)
                    return status;
            }

            fields.Invalid(path + name, "'completed', 'cancelled' or 'failed'", member);
            return default;
        }

        public void Exactly(string name, string known)
        {
            if (TryTake(name, out var member) && fields.Text(member, path + name) != known)
                fields.Invalid(path + name, $"'{known}'", member);
        }

        public void Exactly(string name, int known)
        {
            if (TryTake(name, out var member) && fields.Integer(member, path + name, 0, int.MaxValue) != known)
                fields.Invalid(path + name, $"{known}", member);
        }

        /// <summary>Refuses members that nobody asked for.</summary>
        public void End()
        {
            if (value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() != _read)
                fields.Fail(ApiErrorCode.InvalidValue, $"'{(path.Length == 0 ? "the receipt file" : path.TrimEnd('.'))}' holds members that version {Receipt.Version} does not have.", null);
        }

        private bool TryTake(string name, out JsonElement member)
        {
            member = default;
            if (value.ValueKind == JsonValueKind.Object && FieldReader.TryMember(value, name, out member))
            {
                _read++;
                return true;
            }

            fields.Missing(path + name);
            return false;
        }
    }
}
