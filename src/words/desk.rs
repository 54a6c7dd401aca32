//! The words of the office's daily screens: conversations, opportunities, contacts.

super::words! {
    today: "Hoje", "Hoje", "Today";
    yesterday: "Ontem", "Ontem", "Yesterday";
    date_at_time(date: &str, time: &str): "{date} às {time}", "{date} às {time}", "{date} at {time}";
    conversations: "Conversas", "Conversações", "Conversations";
    conversation: "Conversa", "Conversação", "Conversation";
    opportunities: "Oportunidades", "Oportunidades", "Opportunities";
    opportunity: "Oportunidade", "Oportunidade", "Opportunity";
    contacts: "Contatos", "Contactos", "Contacts";
    contact: "Contato", "Contacto", "Contact";
    system: "Sistema", "Sistema", "System";
    main_navigation: "Principal", "Principal", "Main";
    skip: "Ir para o conteúdo", "Ir para o conteúdo", "Skip to the content";
    offline: "Sem conexão. O que você escrever fica guardado e segue quando ela voltar.", "Sem ligação. O que escrever fica guardado e segue quando ela voltar.", "No connection. What you write is kept and goes out when it is back.";
    disk_is_full: "O disco do servidor está cheio: nada novo é gravado. Ler continua possível.", "O disco do servidor está cheio: nada de novo é guardado. Continua a ser possível ler.", "The server's disk is full: nothing new is saved. Reading goes on.";
    disk_failing: "O disco do servidor não responde: nada novo é gravado. Ler continua possível. Avise quem cuida do servidor.", "O disco do servidor não responde: nada de novo é guardado. Continua a ser possível ler. Avise quem cuida do servidor.", "The server's disk does not respond: nothing new is saved. Reading goes on. Tell whoever looks after the server.";
    window: "Janela", "Janela", "Window";
    picture: "Imagem", "Imagem", "Picture";
    picture_before: "Imagem anterior", "Imagem anterior", "Previous picture";
    picture_after: "Próxima imagem", "Imagem seguinte", "Next picture";
    close: "Fechar", "Fechar", "Close";
    back: "Voltar", "Voltar", "Back";
    open: "Abrir", "Abrir", "Open";
    edit: "Editar", "Editar", "Edit";
    save: "Salvar", "Guardar", "Save";
    saved: "Salvo.", "Guardado.", "Saved.";
    create: "Criar", "Criar", "Create";
    add: "Adicionar", "Adicionar", "Add";
    cancel: "Cancelar", "Cancelar", "Cancel";
    confirm: "Confirmar", "Confirmar", "Confirm";
    done: "Pronto", "Pronto", "Done";
    choose: "Escolha…", "Escolha…", "Choose…";
    none: "Nenhum", "Nenhum", "None";
    all: "todos", "todos", "all";
    me: "Eu", "Eu", "Me";
    filter: "Filtrar", "Filtrar", "Filter";
    search: "Buscar", "Procurar", "Search";
    nothing_found: "Nada encontrado.", "Nada encontrado.", "Nothing found.";
    leave_form: "Sair sem salvar o que foi digitado?", "Sair sem guardar o que escreveu?", "Leave without saving what you typed?";
    say_failed: "Não foi possível agora. O que você digitou continua aqui; tente de novo.", "Não foi possível agora. O que escreveu continua aqui; tente de novo.", "That did not work just now. What you typed is still here; try again.";
    my_menu(name: &str): "Menu de {name}", "Menu de {name}", "Menu of {name}";
    my_profile: "Meu perfil", "O meu perfil", "My profile";
    gallery: "Galeria", "Galeria", "Gallery";
    log_out: "Sair", "Sair", "Log out";
    waiting_for_you: "esperando por você", "à sua espera", "waiting for you";
    unread: "não lidas", "por ler", "unread";
    you_said(text: &str): "Você: {text}", "Você: {text}", "You: {text}";
    no_messages: "Nenhuma mensagem ainda", "Ainda sem mensagens", "No messages yet";

    situation: "Situação", "Situação", "Status";
    queue: "Fila", "Fila", "Queue";
    open_ones: "Abertos", "Abertos", "Open";
    closed_ones: "Fechados", "Fechados", "Closed";
    closed_one: "Fechada", "Fechada", "Closed";
    in_queue: "Na fila", "Na fila", "In the queue";
    queue_empty: "Ninguém esperando. Bom trabalho.", "Ninguém à espera. Bom trabalho.", "Nobody is waiting. Well done.";
    open_empty: "Nenhuma conversa aberta. Assuma uma da fila ou comece uma nova.", "Nenhuma conversação aberta. Assuma uma da fila ou inicie uma nova.", "No open conversation. Take one from the queue or start a new one.";
    closed_empty: "Nenhuma conversa fechada ainda.", "Ainda não há conversações fechadas.", "No closed conversations yet.";
    choose_conversation: "Escolha uma conversa na lista.", "Escolha uma conversação na lista.", "Choose a conversation from the list.";
    type_contact_name: "Digite o nome do contato", "Escreva o nome do contacto", "Type the contact's name";
    attendant: "Atendente", "Atendente", "Attendant";
    department: "Setor", "Departamento", "Department";
    channel: "Canal", "Canal", "Channel";
    show_more: "Mostrar mais", "Mostrar mais", "Show more";
    show_older: "Mostrar anteriores", "Mostrar anteriores", "Show earlier";
    nothing_to_choose: "Nenhuma conversa nesta lista.", "Nenhuma conversação nesta lista.", "No conversation in this list.";
    new_conversation: "Nova conversa", "Nova conversação", "New conversation";
    new_conversation_hint: "Para quem ligou ou veio ao balcão. Quem tem acesso externo conversa pela oportunidade.", "Para quem telefonou ou veio ao balcão. Quem tem acesso externo conversa pela oportunidade.", "For somebody who called or came in. Those with external access talk on their opportunity.";
    new_contact_if: "Se o contato for novo", "Se o contacto for novo", "If the contact is new";
    pick_hint: "Digite o começo do nome, do telefone ou do e-mail.", "Escreva o início do nome, do telefone ou do e-mail.", "Type the beginning of the name, phone or e-mail.";
    pick_is_new: "Contato novo: será cadastrado com este nome.", "Contacto novo: será registado com este nome.", "New contact: it will be added with this name.";
    pick_new(name: &str): "Cadastrar “{name}” como contato novo", "Registar “{name}” como contacto novo", "Add “{name}” as a new contact";
    pick_found(n: usize): "Contatos encontrados: {n}", "Contactos encontrados: {n}", "Contacts found: {n}";
    pick_another: "Escolher outro contato", "Escolher outro contacto", "Choose another contact";
    what_it_is_about: "Do que se trata", "De que se trata", "What it is about";
    take: "Assumir", "Assumir", "Take";
    take_to_answer: "Assuma a conversa para responder.", "Assuma a conversação para responder.", "Take the conversation to answer.";
    taken_by(name: &str): "{name} já assumiu esta conversa.", "{name} já assumiu esta conversação.", "{name} has already taken this conversation.";
    now_with(name: &str): "Esta conversa agora está com {name}.", "Esta conversação está agora com {name}.", "This conversation is now with {name}.";
    not_yours: "Esta conversa não está mais com você.", "Esta conversação já não está consigo.", "This conversation is no longer yours.";
    handed_to(name: &str): "Conversa passada para {name}.", "Conversa passada para {name}.", "The conversation went to {name}.";
    handed_back: "Conversa devolvida à fila.", "Conversa devolvida à fila.", "The conversation is back in the queue.";
    nobody_reads_here: "Balcão ou telefone: o contato não recebe o que se escreve aqui.", "Balcão ou telefone: o contacto não recebe o que se escreve aqui.", "Counter or phone: the contact does not receive what is written here.";
    to_list: "Ver a lista", "Ver a lista", "See the list";
    reopen: "Reabrir conversa", "Reabrir conversação", "Reopen conversation";
    close_conversation: "Fechar conversa", "Fechar conversação", "Close conversation";
    closing_says: "O contato recebe esta mensagem:", "O contacto recebe esta mensagem:", "The contact receives this message:";
    give_back: "Devolver à fila", "Devolver à fila", "Back to the queue";
    more_actions: "Mais ações", "Mais ações", "More actions";
    details: "Detalhes", "Detalhes", "Details";
    open_reference(reference: &str): "Abrir {reference}", "Abrir {reference}", "Open {reference}";
    with_holder(name: &str): "com {name}", "com {name}", "with {name}";
    edit_contact: "Editar contato", "Editar contacto", "Edit contact";
    begun: "Início", "Início", "Begun";
    reason: "Motivo", "Motivo", "Reason";
    responsible: "Responsável", "Responsável", "Responsible";
    nobody_queue: "Ninguém (fila)", "Ninguém (fila)", "Nobody (queue)";
    documents: "Documentos", "Documentos", "Documents";
    no_documents: "Nenhum documento.", "Nenhum documento.", "No documents.";
    messages: "Mensagens", "Mensagens", "Messages";
    message: "Mensagem", "Mensagem", "Message";
    note: "Anotação", "Nota", "Note";
    modes: "Tipo", "Tipo", "Kind";
    new_message: "Nova mensagem…", "Nova mensagem…", "New message…";
    new_note: "Anotação interna, só a equipe vê…", "Nota interna, só a equipa vê…", "Internal note, only staff see it…";
    new_messages: "novas mensagens", "novas mensagens", "new messages";
    drop_here: "Solte os arquivos aqui", "Largue os ficheiros aqui", "Drop the files here";
    send: "Enviar", "Enviar", "Send";
    save_note: "Anotar", "Anotar", "Note down";
    sending: "Enviando…", "A enviar…", "Sending…";
    waiting: "Ainda não foi enviada; segue assim que der.", "Ainda não foi enviada; segue assim que possível.", "Not sent yet; it goes as soon as it can.";
    sent: "Enviada", "Enviada", "Sent";
    read: "Lida", "Lida", "Read";
    try_again: "Tentar de novo", "Tentar de novo", "Try again";
    discard: "Descartar", "Descartar", "Discard";
    emoji: "Emojis", "Emojis", "Emoji";
    add_file: "Adicionar arquivo", "Adicionar ficheiro", "Add a file";
    file_stranded: "espera a conexão", "espera a ligação", "waits for the connection";
    files_stranded: "Os arquivos seguem sozinhos quando a conexão voltar. Não feche esta página.", "Os ficheiros seguem sozinhos quando a ligação voltar. Não feche esta página.", "The files go by themselves when the connection is back. Do not close this page.";
    message_stranded: "A mensagem segue com os arquivos quando a conexão voltar. Não feche esta página.", "A mensagem segue com os ficheiros quando a ligação voltar. Não feche esta página.", "The message goes with its files when the connection is back. Do not close this page.";
    remove_file: "Remover arquivo", "Remover ficheiro", "Remove the file";
    record_audio: "Gravar áudio", "Gravar áudio", "Record audio";
    finish_recording: "Anexar", "Anexar", "Attach";
    audio_name: "Áudio", "Áudio", "Audio";
    no_mic: "O navegador não deu acesso ao microfone.", "O navegador não deu acesso ao microfone.", "The browser gave no access to the microphone.";
    mic_needs_https: "Para gravar é preciso abrir esta página por HTTPS.", "Para gravar é preciso abrir esta página por HTTPS.", "Recording needs this page to be opened by HTTPS.";
    mail_too: "Enviar e-mail também", "Enviar e-mail também", "Send an e-mail too";
    too_big: "Arquivo grande demais: até 25 MB; áudio e vídeo até 100 MB.", "Ficheiro demasiado grande: até 25 MB; áudio e vídeo até 100 MB.", "The file is too large: up to 25 MB; audio and video up to 100 MB.";
    file_kind_refused: "Este tipo de arquivo não é aceito. Envie PDF, imagem, documento do Office, texto, ZIP, áudio ou vídeo.", "Este tipo de ficheiro não é aceite. Envie PDF, imagem, documento do Office, texto, ZIP, áudio ou vídeo.", "This kind of file is not accepted. Send a PDF, picture, Office document, text, ZIP, audio or video.";
    file_empty: "O arquivo está vazio.", "O ficheiro está vazio.", "The file is empty.";
    picture_broken: "A imagem está danificada.", "A imagem está danificada.", "The picture is damaged.";
    upload_cut: "O envio foi interrompido. Tente de novo.", "O envio foi interrompido. Tente de novo.", "The upload was interrupted. Try again.";
    disk_full: "O disco do servidor está cheio. Avise quem cuida do sistema.", "O disco do servidor está cheio. Avise quem cuida do sistema.", "The server's disk is full. Tell whoever looks after the system.";
    audio(name: &str): "Áudio: {name}", "Áudio: {name}", "Audio: {name}";
    video(name: &str): "Vídeo: {name}", "Vídeo: {name}", "Video: {name}";
    file_facts(kind: &str, size: &str): "{kind} · {size}", "{kind} · {size}", "{kind} · {size}";
    said(who: &str, text: &str): "{who}: {text}", "{who}: {text}", "{who}: {text}";
    note_of(who: &str): "Anotação de {who}", "Nota de {who}", "Note by {who}";
    is_typing(who: &str): "{who} está digitando", "{who} está a escrever", "{who} is typing";

    ev_begun(who: &str): "{who} iniciou esta conversa", "{who} iniciou esta conversação", "{who} started this conversation";
    ev_taken(who: &str): "{who} assumiu a conversa", "{who} assumiu a conversação", "{who} took the conversation";
    ev_given(who: &str, to: &str): "{who} passou a conversa para {to}", "{who} passou a conversação para {to}", "{who} gave the conversation to {to}";
    ev_transferred(who: &str, from: &str, to: &str): "{who} transferiu de {from} para {to}", "{who} transferiu de {from} para {to}", "{who} transferred it from {from} to {to}";
    ev_queued(who: &str): "{who} devolveu a conversa à fila", "{who} devolveu a conversação à fila", "{who} put the conversation back into the queue";
    ev_closed(who: &str, reason: &str): "{who} fechou a conversa · {reason}", "{who} fechou a conversação · {reason}", "{who} closed the conversation · {reason}";
    ev_closed_outside: "Conversa encerrada", "Conversação encerrada", "Conversation closed";
    ev_reopened(who: &str): "{who} reabriu a conversa", "{who} reabriu a conversação", "{who} reopened the conversation";
    ev_reopened_outside: "Conversa reaberta", "Conversação reaberta", "Conversation reopened";
    ev_reason(who: &str, reason: &str): "{who} definiu o motivo: {reason}", "{who} definiu o motivo: {reason}", "{who} set the reason: {reason}";
    ev_access_made(who: &str, email: &str): "{who} criou o acesso externo de {email}", "{who} criou o acesso externo de {email}", "{who} created the external access of {email}";
    ev_access_used(email: &str): "{email} entrou pela primeira vez", "{email} entrou pela primeira vez", "{email} entered for the first time";
    ev_access_edited(who: &str, from: &str, to: &str): "{who} mudou o acesso de {from} para {to}", "{who} mudou o acesso de {from} para {to}", "{who} changed the access from {from} to {to}";
    ev_access_renewed(who: &str, email: &str): "{who} gerou nova senha para {email}", "{who} gerou nova palavra-passe para {email}", "{who} made a new password for {email}";
    ev_access_revoked(who: &str, email: &str): "{who} revogou o acesso de {email}", "{who} revogou o acesso de {email}", "{who} revoked the access of {email}";
    ev_link_asked(to: &str): "{to} pediu um link por e-mail", "{to} pediu uma ligação por e-mail", "{to} asked for a link by e-mail";
    ev_mail(to: &str): "E-mail para {to}", "E-mail para {to}", "E-mail to {to}";
    ev_opportunity_made(who: &str): "{who} criou a oportunidade", "{who} criou a oportunidade", "{who} created the opportunity";
    ev_stage(who: &str, stage: &str): "{who} mudou a etapa para {stage}", "{who} mudou a etapa para {stage}", "{who} moved it to {stage}";
    ev_outcome(who: &str, outcome: &str): "{who} marcou como {outcome}", "{who} marcou como {outcome}", "{who} marked it as {outcome}";
    mail_queued: "na fila", "na fila", "queued";
    mail_sent: "enviado", "enviado", "sent";
    mail_late(words: &str): "na fila, atrasado: {words}", "na fila, atrasado: {words}", "queued, delayed: {words}";
    mail_failed(words: &str): "falhou: {words}", "falhou: {words}", "failed: {words}";

    new_opportunity: "Nova oportunidade", "Nova oportunidade", "New opportunity";
    edit_opportunity: "Editar oportunidade", "Editar oportunidade", "Edit opportunity";
    opportunity_search: "Referência, potencial cliente, descrição", "Referência, potencial cliente, descrição", "Reference, potential client, description";
    whose: "De quem", "De quem", "Whose";
    my_opportunities: "Minhas oportunidades, atualizadas recentemente", "As minhas oportunidades, atualizadas recentemente", "My opportunities, recently updated";
    all_opportunities: "Todas as oportunidades", "Todas as oportunidades", "All opportunities";
    no_opportunities: "Nenhuma oportunidade ainda. Crie a primeira.", "Ainda não há oportunidades. Crie a primeira.", "No opportunities yet. Create the first one.";
    edited(when: &str): "editado {when}", "editado {when}", "edited {when}";
    in_charge(name: &str): "À responsabilidade de {name}", "À responsabilidade de {name}", "In charge: {name}";
    others(n: usize): "Mais {n}", "Mais {n}", "{n} more";
    won: "GANHA", "GANHA", "WON";
    lost: "PERDIDA", "PERDIDA", "LOST";
    high: "ALTA", "ALTA", "HIGH";
    low: "BAIXA", "BAIXA", "LOW";
    stages: "Etapas", "Etapas", "Stages";
    client: "Potencial cliente", "Potencial cliente", "Potential client";
    client_profile: "Perfil de cliente", "Perfil de cliente", "Client profile";
    preference: "Que imóvel procura (preferência)", "Que imóvel procura (preferência)", "What is sought (preference)";
    chosen_property: "Imóvel eleito", "Imóvel eleito", "Chosen property";
    not_told: "Não informado", "Não indicado", "Not told";
    history: "Histórico", "Histórico", "History";
    no_history: "Nada aconteceu ainda.", "Ainda não aconteceu nada.", "Nothing has happened yet.";
    files_sent(n: usize): "{n} arquivo(s)", "{n} ficheiro(s)", "{n} file(s)";
    kind_label: "Tipo", "Tipo", "Kind";
    title_label: "Título", "Título", "Title";
    title_hint: "O cliente vê este título no portal.", "O cliente vê este título no portal.", "The client sees this title in the portal.";
    seeking: "O que procura", "O que procura", "What is sought";
    property: "Imóvel", "Imóvel", "Property";
    amount: "Valor", "Valor", "Amount";

    contact_search: "Nome, e-mail ou telefone", "Nome, e-mail ou telefone", "Name, e-mail or phone";
    contacts_count(n: usize): "{n} no total", "{n} no total", "{n} in all";
    no_contacts: "Nenhum contato ainda. Crie o primeiro.", "Ainda não há contactos. Crie o primeiro.", "No contacts yet. Create the first one.";
    new_contact: "Novo contato", "Novo contacto", "New contact";
    contact_since(month: &str): "Contato desde {month}", "Contacto desde {month}", "Contact since {month}";
    name: "Nome", "Nome", "Name";
    email: "E-mail", "E-mail", "E-mail";
    emails: "E-mails", "E-mails", "E-mails";
    phone: "Telefone", "Telefone", "Phone";
    phones: "Telefones", "Telefones", "Phones";
    remark: "Observação", "Observação", "Remark";
    one_per_line: "Um por linha.", "Um por linha.", "One a line.";
}

use super::{Language, Words};
use crate::domain::conversation::COUNTER;
use crate::domain::opportunity::{Kind, Outcome};

/// The stages of a deal (E4).
const STAGES: [[&str; 3]; 7] = [
    ["Por tratar", "Por tratar", "To do"],
    ["1º contato", "1º contacto", "1st contact"],
    ["Qualificação do cliente", "Qualificação do cliente", "Qualification"],
    ["Envio de informação", "Envio de informação", "Information sent"],
    ["Visita", "Visita", "Viewing"],
    ["Proposta", "Proposta", "Offer"],
    ["Fechamento", "Fecho", "Closing"],
];

impl Words {
    pub(super) fn column(self, texts: [&'static str; 3]) -> &'static str {
        match self.0 {
            Language::PtBr => texts[0],
            Language::PtPt => texts[1],
            Language::En => texts[2],
        }
    }

    /// A stage by its number, 0 to 6.
    pub fn stage(self, stage: usize) -> &'static str {
        STAGES.get(stage).map_or("", |texts| self.column(*texts))
    }

    /// How a deal stands.
    pub fn outcome(self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Open => self.column(["em andamento", "em curso", "open"]),
            Outcome::Won => self.won(),
            Outcome::Lost => self.lost(),
        }
    }

    /// A kind of deal.
    pub fn kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Sale => self.column(["Venda", "Venda", "Sale"]),
            Kind::Letting => self.column(["Locação", "Arrendamento", "Letting"]),
            Kind::Season => self.column(["Temporada", "Férias", "Seasonal"]),
        }
    }

    /// A channel by its key.
    pub fn channel_name(self, key: &str) -> &'static str {
        if key == COUNTER {
            self.column(["Balcão e telefone", "Balcão e telefone", "Counter and phone"])
        } else {
            "Portal"
        }
    }

    /// "Enviou uma foto", by the kind of the file.
    pub fn sent_a(self, kind: &str) -> &'static str {
        use crate::media::{Class, Kind};
        match Kind::from_key(kind).map(Kind::class) {
            Some(Class::Picture | Class::Photo) => {
                self.column(["Enviou uma foto", "Enviou uma fotografia", "Sent a picture"])
            }
            Some(Class::Audio) => self.column(["Enviou um áudio", "Enviou um áudio", "Sent an audio"]),
            Some(Class::Video | Class::Film) => self.column(["Enviou um vídeo", "Enviou um vídeo", "Sent a video"]),
            _ => self.column(["Enviou um arquivo", "Enviou um ficheiro", "Sent a file"]),
        }
    }
}
