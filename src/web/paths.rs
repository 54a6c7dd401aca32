//! Every address the product links to, built here only.

use crate::domain::attachment::Attachment;
use crate::domain::ids::*;

/// First steps.
pub const SETUP: &str = "/instalacao";
/// Login, of either door.
pub const LOGIN: &str = "/entrar";
/// Logout, of either door.
pub const LOGOUT: &str = "/sair";
/// The inbox; the portal's list.
pub const CONVERSATIONS: &str = "/conversas";
/// A new conversation.
pub const CONVERSATION_NEW: &str = "/conversas/nova";
/// The search over everything.
pub const FIND: &str = "/busca";
/// The opportunities.
pub const OPPORTUNITIES: &str = "/oportunidades";
/// A new one.
pub const OPPORTUNITY_NEW: &str = "/oportunidades/nova";
/// The contacts.
pub const CONTACTS: &str = "/contatos";
/// Those that fit what is being typed.
pub const CONTACT_SUGGESTIONS: &str = "/contatos/sugestoes";
/// A new one.
pub const CONTACT_NEW: &str = "/contatos/novo";
/// The register of who is in.
pub const PRESENCE: &str = "/usuarios-online";
/// Records somebody's entry.
pub const PRESENCE_NEW: &str = "/usuarios-online/registro";
/// One's own entry after the login.
pub const CHECK_IN: &str = "/usuarios-online/entrada";
/// The reception's panel.
pub const PRESENCE_WALL: &str = "/usuarios-online/painel";
/// A day as a table.
pub const PRESENCE_CSV: &str = "/usuarios-online/dia.csv";
/// Settings.
pub const SYSTEM: &str = "/sistema";
/// Settings: name, colour, language.
pub const SYSTEM_AGENCY: &str = "/sistema/agencia";
/// Settings: the logo.
pub const SYSTEM_LOGO: &str = "/sistema/agencia/logotipo";
/// Settings: E1.
pub const SYSTEM_CHAT: &str = "/sistema/chat-externo";
/// Settings: reasons.
pub const SYSTEM_REASONS: &str = "/sistema/motivos";
/// Settings: departments.
pub const SYSTEM_DEPARTMENTS: &str = "/sistema/setores";
/// Settings: the closing message.
pub const SYSTEM_CLOSING: &str = "/sistema/encerramento";
/// Settings: the mail server.
pub const SYSTEM_MAIL: &str = "/sistema/email";
/// Settings: HTTPS.
pub const SYSTEM_HTTPS: &str = "/sistema/https";
/// Settings: HTTPS of the portal.
pub const SYSTEM_HTTPS_PORTAL: &str = "/sistema/https/portal";
/// Settings: backups.
pub const SYSTEM_COPIES: &str = "/sistema/copias";
/// A backup to take away.
pub const SYSTEM_COPIES_ARCHIVE: &str = "/sistema/copias/arquivo";
/// A drill.
pub const SYSTEM_COPIES_DRILL: &str = "/sistema/copias/teste";
/// Where the house's own backups go.
pub const SYSTEM_COPIES_FOLDER: &str = "/sistema/copias/pasta";
/// A backup into it, now.
pub const SYSTEM_COPIES_FOLDER_NOW: &str = "/sistema/copias/pasta/agora";
/// Somebody read what a torn copy lost.
pub const SYSTEM_COPIES_NOTICE: &str = "/sistema/copias/aviso";
/// Settings: the register of who is in.
pub const SYSTEM_PRESENCE: &str = "/sistema/usuarios-online";
/// Settings: the agency's own roles.
pub const SYSTEM_ROLES: &str = "/sistema/papeis";
/// A new one.
pub const SYSTEM_ROLE_NEW: &str = "/sistema/papeis/novo";
/// Settings: who must have a second factor.
pub const SYSTEM_SECURITY: &str = "/sistema/seguranca";
/// Settings: users.
pub const USERS: &str = "/sistema/usuarios";
/// A new user.
pub const USER_NEW: &str = "/sistema/usuarios/novo";
/// One's own page.
pub const PROFILE: &str = "/perfil";
/// One's own password.
pub const PROFILE_PASSWORD: &str = "/perfil/senha";
/// One's own second factor.
pub const SECOND_FACTOR: &str = "/perfil/duas-etapas";
/// The first code of the app that is set up.
pub const SECOND_FACTOR_CONFIRM: &str = "/perfil/duas-etapas/confirmacao";
/// One's recovery codes anew.
pub const SECOND_FACTOR_CODES: &str = "/perfil/duas-etapas/codigos";
/// One's own second factor, switched off.
pub const SECOND_FACTOR_OFF: &str = "/perfil/duas-etapas/desligamento";
/// One's own sessions: ends all others; the portal visitor's: ends all.
pub const SESSIONS: &str = "/sessoes/encerramento";
/// The audit.
pub const SYSTEM_AUDIT: &str = "/sistema/auditoria";
/// The audit as a table to take away.
pub const SYSTEM_AUDIT_EXPORT: &str = "/sistema/auditoria/exportacao";
/// One's own language; the portal visitor's.
pub const LANGUAGE: &str = "/idioma";
/// Uploads.
pub const FILES: &str = "/arquivos";
/// The live stream.
pub const LIVE: &str = "/ao-vivo";
/// Whether the house answers.
pub const HEALTH: &str = "/saude";
/// The authority of the office's certificate, and how to install it.
pub const CERTIFICATE: &str = "/certificado";
/// The same as a file.
pub const CERTIFICATE_FILE: &str = "/certificado/balcao-ca.crt";
/// Where ACME servers look whether a name is ours (RFC 8555, 8.3).
pub const ACME: &str = "/.well-known/acme-challenge";
/// Sheets, scripts, icons.
pub const ASSETS: &str = "/assets";
/// Sheets of single hues.
pub const HUES: &str = "/cor";
/// The agency's picture.
pub const LOGO: &str = "/logotipo";
/// Every brick in every state; demonstration only.
pub const GALLERY: &str = "/galeria";

/// Where the portal's visitors ask for a link by e-mail (E11).
pub const LOGIN_LINK: &str = "/entrar/link";
/// The login, saying that a link was asked for.
pub const LOGIN_LINK_ASKED: &str = "/entrar?link=pedido";
/// The login's second page: the code.
pub const LOGIN_STEP: &str = "/entrar/codigo";

/// A user's second factor.
pub fn user_second_factor(id: UserId) -> String {
    format!("/sistema/usuarios/{id}/duas-etapas")
}

/// The login, and where to go afterwards.
pub fn then(gate: &str, to: &str) -> String {
    if to == "/" { gate.to_owned() } else { format!("{gate}?depois={}", encoded(to)) }
}

/// A role of the agency's own.
pub fn role(id: RoleId) -> String {
    format!("{SYSTEM_ROLES}/{id}")
}

/// A stay in the house: `ramal`, `saida`.
pub fn stay(id: PresenceId, what: &str) -> String {
    format!("{PRESENCE}/{id}/{what}")
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Where a login leads: only ever a page of ours (C46).
pub fn after_login(wanted: &str) -> &str {
    let ours = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && !wanted.contains(['\\', '\r', '\n', '\t'])
        && !wanted.starts_with(LOGIN)
        && !wanted.starts_with(CHECK_IN)
        && !wanted.starts_with(LOGOUT)
        && !wanted.starts_with(LIVE);
    if ours { wanted } else { "/" }
}

/// The list, saying to whom the conversation went that was open: a user's number, or `fila`.
pub fn handed_over(to: &str) -> String {
    format!("{CONVERSATIONS}?passada={}", encoded(to))
}

/// A conversation in the inbox.
pub fn conversation(id: ConversationId) -> String {
    format!("/conversas/{id}")
}

/// Something of a conversation: `mensagens`, `entradas`, `atendente`, `responsavel`, `motivo`, `encerramento`, `reabertura`.
pub fn of_conversation(id: ConversationId, what: &str) -> String {
    format!("/conversas/{id}/{what}")
}

/// An entry at its place in a conversation, with what was looked for marked. `home` is the conversation's address,
/// `k` the viewer's number of the entry.
pub fn entry_in(home: &str, asked: &str, k: u64) -> String {
    format!("{home}?busca={}&em={k}#e-{k}", encoded(asked))
}

/// What is looked for, for the address of the live stream: what it draws is marked as the page is.
pub fn marking(asked: &str) -> String {
    if asked.is_empty() { String::new() } else { format!("&busca={}", encoded(asked)) }
}

/// The same without anything looked for.
pub fn entry_at(home: &str, k: u64) -> String {
    format!("{home}?em={k}#e-{k}")
}

/// A conversation in the portal.
pub fn portal_conversation(token: &str) -> String {
    format!("/conversas/{token}")
}

/// Something of a conversation in the portal: `mensagens`, `entradas`.
pub fn of_portal_conversation(token: &str, what: &str) -> String {
    format!("/conversas/{token}/{what}")
}

/// An opportunity.
pub fn opportunity(id: OpportunityId) -> String {
    format!("/oportunidades/{id}")
}

/// A conversation on an opportunity's page.
pub fn opportunity_conversation(id: OpportunityId, conversation: ConversationId) -> String {
    format!("/oportunidades/{id}?conversa={conversation}")
}

/// Something of an opportunity: `edicao`, `etapa`, `desfecho`, `prioridade`, `acessos`, `acessos/novo`.
pub fn of_opportunity(id: OpportunityId, what: &str) -> String {
    format!("/oportunidades/{id}/{what}")
}

/// An external access.
pub fn access(id: AccessId) -> String {
    format!("/acessos/{id}")
}

/// Something of an access: `edicao`, `senha`, `reenvio`, `revogacao`, `link`.
pub fn of_access(id: AccessId, what: &str) -> String {
    format!("/acessos/{id}/{what}")
}

/// A contact.
pub fn contact(id: ContactId) -> String {
    format!("/contatos/{id}")
}

/// The contacts, narrowed to what was typed.
pub fn contacts_with(typed: &str) -> String {
    format!("{CONTACTS}?busca={}", encoded(typed))
}

/// A contact's form.
pub fn contact_edit(id: ContactId) -> String {
    format!("/contatos/{id}/edicao")
}

/// A user's form.
pub fn user(id: UserId) -> String {
    format!("/sistema/usuarios/{id}")
}

/// A user's new password.
pub fn user_password(id: UserId) -> String {
    format!("/sistema/usuarios/{id}/senha")
}

/// A link by which a user sets a password: the form to make one.
pub fn user_invite(id: UserId) -> String {
    format!("/sistema/usuarios/{id}/convite")
}

/// A user is switched off.
pub fn user_off(id: UserId) -> String {
    format!("/sistema/usuarios/{id}/desativacao")
}

/// A user is switched on again.
pub fn user_on(id: UserId) -> String {
    format!("/sistema/usuarios/{id}/ativacao")
}

/// The address at which a user sets a password, below the office's.
pub fn invited(office: &str, secret: &str) -> String {
    format!("{office}/convite/{secret}")
}

/// A user's sessions.
pub fn user_sessions(id: UserId) -> String {
    format!("/sistema/usuarios/{id}/sessoes")
}

/// The end of a session: one's own, or that of another user.
pub fn session_end(own: bool, of: UserId, session: SessionId) -> String {
    if own { format!("/sessoes/{session}/encerramento") } else { format!("/sistema/usuarios/{of}/sessoes/{session}") }
}

/// A reason's switch.
pub fn reason(id: ReasonId) -> String {
    format!("/sistema/motivos/{id}")
}

/// A department's switch.
pub fn department(id: DepartmentId) -> String {
    format!("/sistema/setores/{id}")
}

/// A file.
pub fn file(file: &Attachment) -> String {
    format!("/arquivos/{}", file.token)
}

/// A picture's preview.
pub fn preview(file: &Attachment) -> String {
    format!("/arquivos/{}/previa", file.token)
}

/// The address that lets in once, below the portal's.
pub fn one_time(portal: &str, secret: &str) -> String {
    format!("{portal}/acesso/{secret}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c46_a_login_never_leads_to_another_house() {
        for odd in
            ["//evil", "https://evil", "javascript:alert(1)", "/\\evil", "/a\r\nb", "\t//evil", "", "/entrar?depois=/"]
        {
            assert_eq!(after_login(odd), "/", "{odd:?}");
        }
        assert_eq!(after_login("/conversas/4?aba=fila"), "/conversas/4?aba=fila");
    }
}
