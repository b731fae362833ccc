namespace Flotilla.Ledger;

/// <summary>What became of a join token. Closed, and ordered: where several refusals apply, the first one here is answered.</summary>
public enum RedeemStatus
{
    /// <summary>The token is used up and the node's key belongs to the token's operator.</summary>
    Redeemed = 0,

    /// <summary>This same key used this token before: nothing changed, the node is welcome.</summary>
    AlreadyBoundToThisKey,

    /// <summary>No such token was made.</summary>
    UnknownToken,

    /// <summary>This node was shut out; a token does not let it back in.</summary>
    NodeRevoked,

    /// <summary>Another key used the token.</summary>
    TokenUsed,

    /// <summary>The token was not used in time.</summary>
    TokenExpired,

    /// <summary>The node's key belongs to another operator than the token.</summary>
    NodeBelongsToAnotherOperator,
}
