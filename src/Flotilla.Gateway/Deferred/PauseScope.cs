namespace Flotilla.Gateway.Deferred;

/// <summary>Who waits for a while when a request was refused.</summary>
internal enum PauseScope
{
    /// <summary>Everybody who waits for its model: the fleet had no room for it.</summary>
    Lane,

    /// <summary>Its namespace, which has used up what it may.</summary>
    Namespace,

    /// <summary>The request alone: nobody knows whether others ask for what it found no room for.</summary>
    Request,
}
