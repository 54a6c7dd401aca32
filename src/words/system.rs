//! The words of Sistema and of one's own profile.

super::words! {
    users: "Usuários", "Utilizadores", "Users";
    user: "Usuário", "Utilizador", "User";
    new_user: "Novo usuário", "Novo utilizador", "New user";
    role_label: "Papel", "Papel", "Role";
    switched_off: "Desativado", "Desativado", "Switched off";
    last_login(when: &str): "entrou {when}", "entrou {when}", "logged in {when}";
    never_logged_in: "ainda não entrou", "ainda não entrou", "has not logged in yet";
    tell_password: "Entregue a senha em mãos; a pessoa pode trocá-la em Meu perfil.", "Entregue a palavra-passe em mãos; a pessoa pode alterá-la em O meu perfil.", "Hand the password over in person; it can be changed under My profile.";
    reasons: "Motivos", "Motivos", "Reasons";
    new_reason: "Novo motivo", "Novo motivo", "New reason";
    reasons_hint: "Ao fechar uma conversa escolhe-se por que o contato procurou a imobiliária.", "Ao fechar uma conversação escolhe-se porque é que o contacto procurou a imobiliária.", "On closing a conversation one chooses why the contact called.";
    departments: "Setores", "Departamentos", "Departments";
    new_department: "Novo setor", "Novo departamento", "New department";
    departments_hint: "Cada setor tem a sua fila.", "Cada departamento tem a sua fila.", "Each department has a queue of its own.";
    no_longer_offer: "Não oferecer mais", "Deixar de oferecer", "No longer offer";
    offer_again: "Voltar a oferecer", "Voltar a oferecer", "Offer again";
    closing_message: "Mensagem de encerramento", "Mensagem de encerramento", "Closing message";
    closing_message_hint: "O contato a recebe quando a conversa é fechada. Vazia: nada é enviado.", "O contacto recebe-a quando a conversação é fechada. Vazia: nada é enviado.", "The contact receives it when the conversation is closed. Empty: nothing is sent.";
    chat_switch: "Chat externo ligado", "Chat externo ligado", "External chat switched on";
    chat_switch_text: "Ligado, cada oportunidade tem um chat com quem está fora da imobiliária. Desligado, ninguém de fora entra, e o que foi dito continua guardado.", "Ligado, cada oportunidade tem um chat com quem está fora da imobiliária. Desligado, ninguém de fora entra, e o que foi dito continua guardado.", "On, each opportunity has a chat with people outside the agency. Off, nobody outside comes in, and what was said stays kept.";
    portal_address: "Endereço do portal", "Endereço do portal", "Address of the portal";
    portal_address_hint(now: &str): "Como o portal é alcançado de fora, por exemplo https://portal.exemplo.com.br. Vazio: {now}", "Como o portal é alcançado de fora, por exemplo https://portal.exemplo.pt. Vazio: {now}", "How the portal is reached from outside, such as https://portal.example.com. Empty: {now}";
    logo: "Logotipo", "Logótipo", "Logo";
    use_logo: "Usar esta imagem", "Usar esta imagem", "Use this picture";
    remove_logo: "Tirar logotipo", "Retirar logótipo", "Remove the logo";
    mail_sending: "Envio de e-mail", "Envio de e-mail", "Sending e-mail";
    mail_settings_text: "O servidor por onde saem os e-mails da imobiliária. O provedor do seu domínio informa estes dados.", "O servidor por onde saem os e-mails da imobiliária. O fornecedor do seu domínio indica estes dados.", "The server by which the agency's e-mails leave. Your domain's provider knows these data.";
    mail_server: "Servidor", "Servidor", "Server";
    port: "Porta", "Porta", "Port";
    security_label: "Segurança", "Segurança", "Security";
    mail_user: "Usuário no servidor", "Utilizador no servidor", "User at the server";
    mail_password_hint: "Vazia: continua a que está guardada.", "Vazia: continua a que está guardada.", "Empty: the one kept stays.";
    mail_sender: "E-mail remetente", "E-mail remetente", "Sender's e-mail";
    mail_switch_off: "Desligar o envio", "Desligar o envio", "Switch sending off";
    change_password: "Trocar senha", "Alterar palavra-passe", "Change password";
    password_now: "Senha atual", "Palavra-passe atual", "Present password";
    your_password: "Sua senha", "A sua palavra-passe", "Your password";
    proof_hint: "Confirme que é você: isto abre portas a outras pessoas. Vale por dez minutos.", "Confirme que é o próprio: isto abre portas a outras pessoas. Vale por dez minutos.", "Confirm that it is you: this opens doors to other people. Good for ten minutes.";
    sessions: "Sessões", "Sessões", "Sessions";
    sessions_of(name: &str): "Sessões de {name}", "Sessões de {name}", "Sessions of {name}";
    no_sessions: "Não está em nenhum navegador.", "Não está em nenhum navegador.", "Not logged in anywhere.";
    session_facts(from: &str, begun: &str, seen: &str): "{from} · entrou {begun} · último uso {seen}", "{from} · entrou {begun} · última utilização {seen}", "{from} · since {begun} · last used {seen}";
    this_session: "Esta sessão", "Esta sessão", "This session";
    end_session: "Encerrar", "Terminar", "End";
    end_other_sessions: "Encerrar todas as outras", "Terminar todas as outras", "End all others";
    end_all_sessions: "Encerrar todas", "Terminar todas", "End all";
    unknown_browser: "Navegador desconhecido", "Navegador desconhecido", "Unknown browser";
    audit: "Auditoria", "Auditoria", "Audit";
    audit_hint: "Quem entrou, e quem abriu ou fechou que porta. O Balcão não altera nem apaga nada disto por treze meses.", "Quem entrou, e quem abriu ou fechou que porta. O Balcão não altera nem apaga nada disto durante treze meses.", "Who came in, and who opened or shut which door. Balcão changes and deletes nothing of it for thirteen months.";
    audit_nobody: "Alguém sem sessão", "Alguém sem sessão", "Somebody not logged in";
    audit_house: "No próprio computador", "No próprio computador", "At the machine itself";
    audit_refused: "Recusado", "Recusado", "Refused";
    new_password_label: "Nova senha", "Nova palavra-passe", "New password";
}

use super::Words;
use crate::domain::access::Role;
use crate::domain::audit::Deed;
use crate::domain::values::Language;

impl Words {
    /// A role.
    pub fn role(self, role: Role) -> &'static str {
        match role {
            Role::Admin => self.column(["Administrador", "Administrador", "Administrator"]),
            Role::Manager => self.column(["Gerente", "Gerente", "Manager"]),
            Role::Broker => self.column(["Corretor", "Consultor", "Broker"]),
            Role::Receptionist => self.column(["Recepcionista", "Rececionista", "Receptionist"]),
        }
    }

    /// What was done, or only tried.
    pub fn deed(self, deed: Deed, done: bool) -> &'static str {
        match deed {
            Deed::Login if done => self.column(["Entrou", "Entrou", "Logged in"]),
            Deed::Login => self.column(["Senha errada", "Palavra-passe errada", "Wrong password"]),
            Deed::LoginSlowed => self.column(["Tentativas demais", "Demasiadas tentativas", "Too many attempts"]),
            Deed::Logout => self.column(["Saiu", "Saiu", "Logged out"]),
            Deed::SessionsEnded => self.column(["Encerrou sessões", "Terminou sessões", "Ended sessions"]),
            Deed::Proof if done => {
                self.column(["Confirmou a senha", "Confirmou a palavra-passe", "Confirmed the password"])
            }
            Deed::Proof => self.column([
                "Senha errada ao confirmar",
                "Palavra-passe errada ao confirmar",
                "Wrong password on confirming",
            ]),
            Deed::AccessMade => {
                self.column(["Criou acesso externo", "Criou acesso externo", "Created external access"])
            }
            Deed::AccessMoved => self.column([
                "Mudou o e-mail de um acesso",
                "Alterou o e-mail de um acesso",
                "Gave an access to another address",
            ]),
            Deed::AccessRenewed => self.column([
                "Gerou nova senha de acesso",
                "Gerou nova palavra-passe de acesso",
                "Gave an access a new password",
            ]),
            Deed::AccessSent => self.column(["Reenviou acesso", "Reenviou acesso", "Sent an access again"]),
            Deed::LinkAsked => {
                self.column(["Pediu link de acesso", "Pediu ligação de acesso", "Asked for a link to enter"])
            }
            Deed::AccessRevoked => self.column(["Revogou acesso", "Revogou acesso", "Revoked an access"]),
            Deed::AccessRedeemed => {
                self.column(["Usou o link do e-mail", "Usou a ligação do e-mail", "Used the mailed link"])
            }
            Deed::PasswordChanged => self.column([
                "Trocou senha de usuário",
                "Alterou palavra-passe de utilizador",
                "Changed a user's password",
            ]),
            Deed::UserInvited => self.column(["Convidou usuário", "Convidou utilizador", "Invited a user"]),
            Deed::PasswordLinkMade => self.column([
                "Fez link para nova senha",
                "Fez ligação para nova palavra-passe",
                "Made a link to a new password",
            ]),
            Deed::PasswordLinkUsed => self.column([
                "Definiu a senha por link",
                "Definiu a palavra-passe por ligação",
                "Set a password by a link",
            ]),
            Deed::UserOff => self.column(["Desativou usuário", "Desativou utilizador", "Switched a user off"]),
            Deed::UserOn => self.column(["Reativou usuário", "Reativou utilizador", "Switched a user on"]),
            Deed::SecondFactorOn => self.column([
                "Ligou a verificação em duas etapas",
                "Ativou a verificação em dois passos",
                "Switched two-step verification on",
            ]),
            Deed::SecondFactorOff => self.column([
                "Desligou a verificação em duas etapas",
                "Desativou a verificação em dois passos",
                "Switched two-step verification off",
            ]),
            Deed::RecoveryCodesMade => {
                self.column(["Gerou códigos de recuperação", "Gerou códigos de recuperação", "Made recovery codes"])
            }
            Deed::RecoveryCodeUsed => {
                self.column(["Usou um código de recuperação", "Usou um código de recuperação", "Used a recovery code"])
            }
            Deed::NotAllowed => {
                self.column(["Tentou o que não pode", "Tentou o que não pode", "Tried what is not allowed"])
            }
            Deed::SecondStep => self.column(["Código errado", "Código errado", "Wrong code"]),
            Deed::UserMade => self.column(["Criou usuário", "Criou utilizador", "Added a user"]),
            Deed::UserChanged => self.column(["Mudou usuário", "Alterou utilizador", "Changed a user"]),
            Deed::SettingsChanged => self.column(["Mudou configuração", "Alterou configuração", "Changed a setting"]),
            Deed::Exported => self.column(["Exportou dados", "Exportou dados", "Exported data"]),
        }
    }

    /// A language, in its own words.
    pub fn language_name(self, language: Language) -> &'static str {
        match language {
            Language::PtBr => "Português (Brasil)",
            Language::PtPt => "Português (Portugal)",
            Language::En => "English",
        }
    }

    /// How a mail server is spoken to, by its key.
    pub fn security(self, key: &str) -> &'static str {
        match key {
            "tls" => "TLS (465)",
            "plain" => self.column([
                "Sem criptografia (só rede local)",
                "Sem cifra (só rede local)",
                "None (local network only)",
            ]),
            _ => "STARTTLS (587)",
        }
    }

    /// A colour on offer, by its hue.
    pub fn colour_name(self, hue: u16) -> &'static str {
        match hue {
            255 => self.column(["Azulejo", "Azulejo", "Tile blue"]),
            215 => self.column(["Mar", "Mar", "Sea"]),
            165 => self.column(["Mata", "Mata", "Forest"]),
            130 => self.column(["Folha", "Folha", "Leaf"]),
            75 => self.column(["Sol", "Sol", "Sun"]),
            35 => self.column(["Tijolo", "Tijolo", "Brick"]),
            350 => self.column(["Amora", "Amora", "Berry"]),
            _ => self.column(["Violeta", "Violeta", "Violet"]),
        }
    }
}
