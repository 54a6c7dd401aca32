//! What opens or shuts a door: the deeds that are written down.

use serde::{Deserialize, Serialize};

/// What was done or tried. The keys are what is kept: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// Came in, or gave a wrong password.
    Login,
    /// Tried so often that it must wait.
    LoginSlowed,
    /// Went out.
    Logout,
    /// Ended sessions, somebody's or one's own elsewhere.
    SessionsEnded,
    /// Gave the own password once more before something that matters.
    Proof,
    /// Gave somebody from outside an access.
    AccessMade,
    /// Gave an access to another address.
    AccessMoved,
    /// Gave an access a new password.
    AccessRenewed,
    /// Sent the letter with the link once more.
    AccessSent,
    /// Asked at the portal for a link; refused where no letter was planned.
    LinkAsked,
    /// Took an access away.
    AccessRevoked,
    /// Came in by the letter's link.
    AccessRedeemed,
    /// Changed a member of staff's password.
    PasswordChanged,
    /// Invited a member of staff to set a first password.
    UserInvited,
    /// Made a member of staff a link to a new password.
    PasswordLinkMade,
    /// Set a password by a link.
    PasswordLinkUsed,
    /// Began to ask a member of staff for a second factor.
    SecondFactorOn,
    /// Asks them no more.
    SecondFactorOff,
    /// Gave them new recovery codes.
    RecoveryCodesMade,
    /// Came in by one of those.
    RecoveryCodeUsed,
    /// Gave a wrong code after the right password.
    SecondStep,
    /// Tried what their role does not do.
    NotAllowed,
    /// Added a member of staff.
    UserMade,
    /// Changed a member of staff.
    UserChanged,
    /// Switched a member of staff off, and handed over what was theirs.
    UserOff,
    /// Switched a member of staff on again.
    UserOn,
    /// Changed a setting of the agency.
    SettingsChanged,
    /// Took data out of the house: an export or a backup.
    Exported,
}

impl Deed {
    /// What it is about.
    pub fn kind(self) -> Kind {
        match self {
            Self::Login
            | Self::LoginSlowed
            | Self::Logout
            | Self::SessionsEnded
            | Self::Proof
            | Self::RecoveryCodeUsed
            | Self::SecondStep => Kind::Entries,
            Self::AccessMade
            | Self::AccessMoved
            | Self::AccessRenewed
            | Self::AccessSent
            | Self::LinkAsked
            | Self::AccessRevoked
            | Self::AccessRedeemed => Kind::Accesses,
            Self::UserInvited
            | Self::PasswordLinkMade
            | Self::PasswordLinkUsed
            | Self::PasswordChanged
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::RecoveryCodesMade
            | Self::NotAllowed
            | Self::UserMade
            | Self::UserChanged
            | Self::UserOff
            | Self::UserOn => Kind::People,
            Self::SettingsChanged => Kind::Settings,
            Self::Exported => Kind::Exports,
        }
    }

    /// The key under which it is kept.
    pub fn key(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::LoginSlowed => "login_slowed",
            Self::Logout => "logout",
            Self::SessionsEnded => "sessions_ended",
            Self::Proof => "proof",
            Self::AccessMade => "access_made",
            Self::AccessMoved => "access_moved",
            Self::AccessRenewed => "access_renewed",
            Self::AccessSent => "access_sent",
            Self::LinkAsked => "link_asked",
            Self::AccessRevoked => "access_revoked",
            Self::AccessRedeemed => "access_redeemed",
            Self::PasswordChanged => "password_changed",
            Self::UserInvited => "user_invited",
            Self::PasswordLinkMade => "password_link_made",
            Self::PasswordLinkUsed => "password_link_used",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::RecoveryCodesMade => "recovery_codes_made",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::SecondStep => "second_step",
            Self::NotAllowed => "not_allowed",
            Self::UserMade => "user_made",
            Self::UserChanged => "user_changed",
            Self::UserOff => "user_off",
            Self::UserOn => "user_on",
            Self::SettingsChanged => "settings_changed",
            Self::Exported => "exported",
        }
    }
}

/// What deeds are about, for whoever looks for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Logins, logouts, sessions, proofs.
    Entries,
    /// Users, roles, passwords.
    People,
    /// Accesses handed over to the outside.
    Accesses,
    /// Settings.
    Settings,
    /// Exports and backups.
    Exports,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Entries, Self::People, Self::Accesses, Self::Settings, Self::Exports];

    /// Its key in addresses.
    pub fn key(self) -> &'static str {
        match self {
            Self::Entries => "entradas",
            Self::People => "usuarios",
            Self::Accesses => "acessos",
            Self::Settings => "configuracoes",
            Self::Exports => "exportacoes",
        }
    }
}
