// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title A public place to leave a digest.
/// @notice Stores nothing, is owned by nobody and keeps no order: anybody may anchor the same digest, any number of times.
/// What a receipt of it proves is that the digest existed when its block was made (docs/spec/anchor.md).
contract Anchor {
    /// @param anchorer Who called.
    /// @param scope What kind of digest it is.
    /// @param digest What is anchored.
    event Anchored(address indexed anchorer, bytes32 indexed scope, bytes32 digest);

    /// @notice Leaves a digest in the log of this transaction's receipt.
    /// @param scope What kind of digest it is.
    /// @param digest What is anchored.
    function anchor(bytes32 scope, bytes32 digest) external {
        emit Anchored(msg.sender, scope, digest);
    }
}
