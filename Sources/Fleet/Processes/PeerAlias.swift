internal import Transport

/// The transport's connection handle; the other `PeerID`, of `Coordination`, is the coordinator's name of the same connection.
typealias TransportPeer = PeerID
