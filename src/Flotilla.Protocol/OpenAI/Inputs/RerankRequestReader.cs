using System.Text.Json;
using Flotilla.Protocol.Link;

namespace Flotilla.Protocol.OpenAI.Inputs;

/// <summary>Reads the body of <c>POST /v1/rerank</c>, in the shape that Cohere and Jina share.</summary>
public static class RerankRequestReader
{
    /// <summary>Reads and validates the body; the bytes are not kept.</summary>
    /// <param name="body">JSON, UTF-8.</param>
    /// <param name="request">The request, when the answer is null.</param>
    /// <returns>Null, or the first fault.</returns>
    public static ApiError? TryRead(ReadOnlyMemory<byte> body, out RerankInference? request) =>
        JsonBody.TryRead(body, static (fields, json) => new Reading(fields).Read(json), out request);

    private sealed class Reading(FieldReader fields)
    {
        private readonly InputFields _shared = new(InferenceEndpoint.Rerank, fields);
        private readonly RerankRequest _work = new();
        private long _top = OpenAiLimits.DocumentsMax;
        private bool _returnDocuments;

        public RerankInference? Read(JsonElement body)
        {
            _work.Extra = _shared.Read(body, TryOwn);
            if (_work.Query.Length == 0)
                fields.Missing("query");
            if (_work.Documents.Count == 0)
                fields.Missing("documents");
            if (_shared.Model is null)
                fields.Missing("model");
            return fields.Error is not null ? null : new RerankInference
            {
                Endpoint = InferenceEndpoint.Rerank,
                Model = _shared.Model!,
                Work = _work,
                Top = (int)Math.Min(_top, _work.Documents.Count),
                ReturnDocuments = _returnDocuments,
                User = _shared.Caller.User,
                Metadata = _shared.Caller.Metadata,
                Provider = _shared.Provider,
            };
        }

        private bool TryOwn(string name, JsonElement value)
        {
            switch (name)
            {
                case "query": _work.Query = fields.Text(value, name, 1, OpenAiLimits.QueryCharsMax); break;
                case "documents": ReadDocuments(value); break;
                // More than there are is all of them, as with Cohere.
                case "top_n": _top = fields.Integer(value, name, 1, int.MaxValue); break;
                case "return_documents": _returnDocuments = fields.Boolean(value, name); break;
                case "rank_fields": fields.Unsupported(name); break;
                default: return false;
            }

            return true;
        }

        private void ReadDocuments(JsonElement value)
        {
            foreach (var (item, index) in fields.Items(value, "documents", 1, OpenAiLimits.DocumentsMax))
            {
                // A text, or an object that holds one as "text".
                var text = item.ValueKind == JsonValueKind.Object && item.TryGetProperty("text", out var inner) ? inner : item;
                _work.Documents.Add(text.ValueKind == JsonValueKind.String ? text.GetString()! : fields.Text(text, $"documents[{index}]"));
            }
        }
    }
}
