//! The words of users: their list, invitations, switching off, and the audit's filters.

super::words! {
    user_active: "Ativo", "Ativo", "Active";
    user_invited: "Convidado", "Convidado", "Invited";
    user_state: "Situação", "Situação", "State";
    any_state: "qualquer situação", "qualquer situação", "any state";
    user_search: "Nome, e-mail ou papel", "Nome, e-mail ou papel", "Name, e-mail or role";
    sessions_count(n: usize): "sessões abertas: {n}", "sessões abertas: {n}", "open sessions: {n}";
    invited_by_mail(state: &str, until: &str): "convite por e-mail ({state}), vale até {until}", "convite por e-mail ({state}), válido até {until}", "invited by e-mail ({state}), good until {until}";
    invited_by_paper(until: &str): "convite impresso, vale até {until}", "convite impresso, válido até {until}", "invited on paper, good until {until}";
    link_by_mail(state: &str, until: &str): "link de senha por e-mail ({state}), vale até {until}", "ligação de palavra-passe por e-mail ({state}), válida até {until}", "password link by e-mail ({state}), good until {until}";
    link_by_paper(until: &str): "link de senha impresso, vale até {until}", "ligação de palavra-passe impressa, válida até {until}", "printed password link, good until {until}";
    invitation_over: "sem convite válido", "sem convite válido", "no valid invitation";
    only_user: "Ninguém mais entra por enquanto. Convide a equipe.", "Mais ninguém entra por enquanto. Convide a equipa.", "Nobody else comes in yet. Invite the team.";
    how_they_come_in: "Como a pessoa recebe o acesso", "Como a pessoa recebe o acesso", "How they get in";
    invite_by_mail: "Convidar por e-mail", "Convidar por e-mail", "Invite by e-mail";
    invite_by_mail_hint(days: i64): "A pessoa recebe um link e escolhe a própria senha. Vale por {days} dias.", "A pessoa recebe uma ligação e escolhe a própria palavra-passe. Vale durante {days} dias.", "They get a link and choose their own password. Good for {days} days.";
    invite_by_paper: "Imprimir convite", "Imprimir convite", "Print an invitation";
    invite_by_paper_hint: "Uma folha com link e código QR, para entregar em mãos.", "Uma folha com ligação e código QR, para entregar em mãos.", "A page with link and QR code, to hand over.";
    set_password_now: "Definir uma senha agora", "Definir uma palavra-passe agora", "Set a password now";
    set_password_now_hint: "Você a conhece, e precisa contá-la.", "Fica a conhecê-la, e tem de a comunicar.", "You know it then, and have to tell it.";
    mail_not_set_up: "O envio de e-mail não está configurado.", "O envio de e-mail não está configurado.", "Sending e-mail is not set up.";
    invite_again: "Convidar de novo", "Convidar de novo", "Invite again";
    password_link: "Link para nova senha", "Ligação para nova palavra-passe", "Link to a new password";
    send_link: "Enviar por e-mail", "Enviar por e-mail", "Send by e-mail";
    send_link_hint(days: i64): "A pessoa escolhe a nova senha por um link que vale {days} dias.", "A pessoa escolhe a nova palavra-passe por uma ligação válida durante {days} dias.", "They choose the new password by a link that is good for {days} days.";
    print_link: "Imprimir o link", "Imprimir a ligação", "Print the link";
    password_link_hint: "A senha de agora vale até o link ser usado; então todas as sessões terminam. Um link novo anula o anterior.", "A palavra-passe atual vale até a ligação ser usada; então todas as sessões terminam. Uma ligação nova anula a anterior.", "The present password is good until the link is used; then all sessions end. A new link makes the one before void.";
    invite_again_hint: "O convite novo anula o anterior.", "O convite novo anula o anterior.", "The new invitation makes the one before void.";
    make_link: "Continuar", "Continuar", "Continue";
    invitation_for(name: &str): "Convite para {name}", "Convite para {name}", "Invitation for {name}";
    password_link_for(name: &str): "Nova senha para {name}", "Nova palavra-passe para {name}", "New password for {name}";
    paper_text(agency: &str): "{agency} atende os seus clientes no Balcão, e você faz parte da equipe.", "{agency} atende os seus clientes no Balcão, e faz parte da equipa.", "{agency} answers its clients in Balcão, and you are part of the team.";
    paper_open: "Na rede do escritório, abra este endereço no navegador ou aponte a câmera do celular:", "Na rede do escritório, abra este endereço no navegador ou aponte a câmara do telemóvel:", "On the office network, open this address in a browser or point your phone's camera:";
    paper_choose: "Escolha a sua senha. Ninguém mais a conhece.", "Escolha a sua palavra-passe. Mais ninguém a conhece.", "Choose your password. Nobody else knows it.";
    paper_after(email: &str, office: &str): "Depois, entre sempre em {office} com {email} e a sua senha.", "Depois, entre sempre em {office} com {email} e a sua palavra-passe.", "From then on, log in at {office} with {email} and your password.";
    paper_until(until: &str): "Funciona uma vez, até {until}.", "Funciona uma vez, até {until}.", "Works once, until {until}.";
    paper_qr: "Código QR do convite", "Código QR do convite", "QR code of the invitation";
    paper_once: "Imprima ou copie agora: o link não será mostrado de novo.", "Imprima ou copie agora: a ligação não voltará a ser mostrada.", "Print or copy it now: the link will not be shown again.";
    leave_paper: "O link não será mostrado de novo. Fechar mesmo assim?", "A ligação não voltará a ser mostrada. Fechar mesmo assim?", "The link will not be shown again. Close anyway?";
    print: "Imprimir", "Imprimir", "Print";
    welcome_name(name: &str): "Boas-vindas, {name}", "Boas-vindas, {name}", "Welcome, {name}";
    choose_password_text(email: &str): "Escolha a senha com que você entra. O seu e-mail aqui é {email}.", "Escolha a palavra-passe com que entra. O seu e-mail aqui é {email}.", "Choose the password with which you log in. Your e-mail here is {email}.";
    choose_new_password_text(email: &str): "Escolha a nova senha de {email}. Todas as sessões terminam, e você entra com ela.", "Escolha a nova palavra-passe de {email}. Todas as sessões terminam, e entra com ela.", "Choose the new password of {email}. All sessions end, and you log in with it.";
    password_again: "A mesma senha outra vez", "A mesma palavra-passe outra vez", "The same password again";
    choose_password: "Salvar e entrar", "Guardar e entrar", "Save and come in";
    password_set_log_in: "A nova senha está guardada. Entre com ela.", "A nova palavra-passe está guardada. Entre com ela.", "The new password is saved. Log in with it.";
    here_as_other(name: &str): "Neste navegador está {name}. Ao continuar, essa sessão termina.", "Neste navegador está {name}. Ao continuar, essa sessão termina.", "{name} is logged in here. Going on ends that session.";
    invitation_dead: "Este convite já foi usado, foi trocado por outro ou perdeu a validade. Peça um novo à administração.", "Este convite já foi usado, foi trocado por outro ou perdeu a validade. Peça um novo à administração.", "This invitation was used, replaced by another or is too old. Ask the administration for a new one.";
    continue_here: "Continuar", "Continuar", "Continue";
    switch_off: "Desativar", "Desativar", "Switch off";
    switch_off_name(name: &str): "Desativar {name}", "Desativar {name}", "Switch {name} off";
    switch_off_text: "As sessões terminam agora, também nas telas abertas, e a pessoa não entra mais. O que escreveu continua no histórico.", "As sessões terminam agora, também nos ecrãs abertos, e a pessoa deixa de entrar. O que escreveu continua no histórico.", "Sessions end now, open screens too, and they cannot log in any more. What they wrote stays in the history.";
    switched_off_now(name: &str): "{name}: acesso desativado.", "{name}: acesso desativado.", "{name} is switched off.";
    conversations_went_back(n: u64): "Conversas de volta à fila: {n}.", "Conversações de volta à fila: {n}.", "Conversations back in the queue: {n}.";
    conversations_went_to(n: u64, name: &str): "Conversas para {name}: {n}.", "Conversações para {name}: {n}.", "Conversations to {name}: {n}.";
    opportunities_went_to(n: u64, name: &str): "Oportunidades para {name}: {n}.", "Oportunidades para {name}: {n}.", "Opportunities to {name}: {n}.";
    switch_on: "Reativar", "Reativar", "Switch on again";
    open_conversations: "Conversas abertas", "Conversações abertas", "Open conversations";
    open_opportunities: "Oportunidades em andamento", "Oportunidades em curso", "Opportunities under way";
    settled_opportunities: "Ganhas e perdidas", "Ganhas e perdidas", "Won and lost";
    conversations_go_to: "As conversas abertas vão para", "As conversações abertas vão para", "Open conversations go to";
    opportunities_go_to: "As oportunidades vão para", "As oportunidades vão para", "Opportunities go to";
    choose_somebody: "Escolha alguém", "Escolha alguém", "Choose somebody";
    stay_with(name: &str): "continuam com {name}", "continuam com {name}", "stay with {name}";
    settled_too(n: usize): "Também as ganhas e perdidas ({n})", "Também as ganhas e perdidas ({n})", "Won and lost ones too ({n})";
    nobody_to_take: "Não há outra pessoa ativa que possa ficar com elas.", "Não há outra pessoa ativa que possa ficar com elas.", "There is nobody else active who could take them.";
    office_address: "Endereço do escritório", "Endereço do escritório", "Address of the office";
    office_address_hint(now: &str): "Para onde levam os convites da equipe, na rede do escritório. Vazio: {now}", "Para onde levam os convites da equipa, na rede do escritório. Vazio: {now}", "Where the team's invitations lead, on the office network. Empty: {now}";
    audit_who: "Quem", "Quem", "Who";
    audit_outside: "Pessoas de fora", "Pessoas de fora", "People from outside";
    audit_kind: "O quê", "O quê", "What";
    audit_anything: "qualquer coisa", "qualquer coisa", "anything";
    audit_filter: "Filtrar", "Filtrar", "Filter";
    audit_no_filter: "Tirar filtros", "Retirar filtros", "No filters";
    audit_none: "Nada consta com estes filtros.", "Nada consta com estes filtros.", "Nothing stands here with these filters.";
    audit_export: "Exportar (CSV)", "Exportar (CSV)", "Export (CSV)";
    audit_whole(n: u64): "Corrente íntegra: {n} registros, cada um encaixa no anterior.", "Cadeia íntegra: {n} registos, cada um encaixa no anterior.", "The chain is whole: {n} notes, each fits the one before.";
    audit_last(n: u64, hash: &str): "Último registro: nº {n}, hash {hash}. Anote-os fora daqui de vez em quando: se alguém puser no lugar uma cópia antiga da base inteira, ou reescrever todas as linhas, só a comparação mostra.", "Último registo: nº {n}, hash {hash}. Anote-os fora daqui de vez em quando: se alguém puser no lugar uma cópia antiga da base inteira, ou reescrever todas as linhas, só a comparação mostra.", "Last note: no. {n}, hash {hash}. Write them down elsewhere now and then: if somebody puts an old copy of the whole database in its place, or rewrites every line, only comparing shows it.";
    audit_own_role(id: &str, name: &str): "papel próprio {id} {name}", "papel próprio {id} {name}", "own role {id} {name}";
    audit_was(email: &str): "antes {email}", "antes {email}", "before {email}";
    audit_departments(names: &str): "setores {names}", "setores {names}", "departments {names}";
    audit_all_departments: "todos os setores", "todos os setores", "all departments";
    csv_hash: "Hash", "Hash", "Hash";
    audit_broken(n: u64): "A corrente está quebrada a partir do registro {n}: alguém mexeu nos dados por fora do Balcão, ou o disco falhou. Guarde uma cópia e peça ajuda.", "A cadeia está quebrada a partir do registo {n}: alguém mexeu nos dados por fora do Balcão, ou o disco falhou. Guarde uma cópia e peça ajuda.", "The chain is broken from note {n} on: somebody changed the data behind Balcão's back, or the disk failed. Keep a copy and ask for help.";
    audit_by_mail: "por e-mail", "por e-mail", "by e-mail";
    audit_by_paper: "impresso", "impresso", "on paper";
    audit_conversations(count: &str, to: &str): "conversas: {count} para {to}", "conversações: {count} para {to}", "conversations: {count} to {to}";
    audit_opportunities(count: &str, to: &str): "oportunidades: {count} para {to}", "oportunidades: {count} para {to}", "opportunities: {count} to {to}";
    csv_number: "Número", "Número", "Number";
    csv_when: "Quando", "Quando", "When";
    csv_from: "Endereço de rede", "Endereço de rede", "Network address";
    csv_done: "Permitido", "Permitido", "Allowed";
    csv_about: "Sobre", "Sobre", "About";
    yes: "sim", "sim", "yes";
    no: "não", "não", "no";
}

use super::Words;
use crate::domain::audit::Kind;
use crate::domain::user::State;

impl Words {
    /// How a user stands.
    pub fn state_of_user(self, state: State) -> &'static str {
        match state {
            State::Active => self.user_active(),
            State::Invited => self.user_invited(),
            State::Disabled => self.switched_off(),
        }
    }

    /// A kind of deed.
    pub fn kind_of_deed(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Entries => self.column(["Entradas e saídas", "Entradas e saídas", "Coming and going"]),
            Kind::People => {
                self.column(["Usuários e permissões", "Utilizadores e permissões", "Users and permissions"])
            }
            Kind::Accesses => self.column(["Acessos externos", "Acessos externos", "External accesses"]),
            Kind::Settings => self.column(["Configurações", "Configurações", "Settings"]),
            Kind::Exports => self.column(["Exportações", "Exportações", "Exports"]),
        }
    }
}
