using System.Text.Json.Serialization;

namespace Flotilla.Gateway.Admin;

/// <summary>JSON of the admin API: snake case, and a field that is not known is refused, so that a typing error is no silent default.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, MaxDepth = 8)]
[JsonSerializable(typeof(AdminList<AdminNamespace>))]
[JsonSerializable(typeof(AdminList<AdminKey>))]
[JsonSerializable(typeof(AdminList<AdminNode>))]
[JsonSerializable(typeof(AdminList<AdminModel>))]
[JsonSerializable(typeof(AdminList<AdminPrice>))]
[JsonSerializable(typeof(AdminList<AdminUsage>))]
[JsonSerializable(typeof(AdminNewKey))]
[JsonSerializable(typeof(AdminJoinToken))]
[JsonSerializable(typeof(AdminAudit))]
[JsonSerializable(typeof(AdminPrice))]
[JsonSerializable(typeof(CreateKeyBody))]
[JsonSerializable(typeof(KeyLimitsBody))]
[JsonSerializable(typeof(CreateNamespaceBody))]
[JsonSerializable(typeof(FundBody))]
[JsonSerializable(typeof(JoinTokenBody))]
public sealed partial class AdminJson : JsonSerializerContext;
