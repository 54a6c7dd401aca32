//! The words of letters that leave the house, and of why they did not.

super::words! {
    letter_access_subject(agency: &str): "Seu acesso à conversa com {agency}", "O seu acesso à conversação com {agency}", "Your access to the conversation with {agency}";
    letter_greeting(name: &str): "Olá, {name}.", "Olá, {name}.", "Hello {name}.";
    letter_access_text(agency: &str): "{agency} abriu uma conversa com você no portal. Lá ficam as mensagens e os documentos, num só lugar.", "{agency} abriu uma conversação consigo no portal. Lá ficam as mensagens e os documentos, num só lugar.", "{agency} has opened a conversation with you in its portal. Messages and documents are kept there, in one place.";
    letter_access_once: "O botão abaixo entra uma vez, sem senha, e vale por três dias. Depois, use o seu e-mail e a senha que recebeu da imobiliária.", "O botão abaixo entra uma vez, sem palavra-passe, e vale durante três dias. Depois, use o seu e-mail e a palavra-passe que recebeu da imobiliária.", "The button below lets you in once, without a password, and is good for three days. After that, use your e-mail and the password the agency gave you.";
    letter_access_portal(link: &str): "Endereço do portal: {link}", "Endereço do portal: {link}", "Address of the portal: {link}";
    letter_link_subject(agency: &str): "Seu link para entrar no portal de {agency}", "A sua ligação para entrar no portal de {agency}", "Your link to the portal of {agency}";
    letter_link_text(agency: &str): "Aqui está o link que você pediu para entrar no portal de {agency}.", "Aqui está a ligação que pediu para entrar no portal de {agency}.", "Here is the link you asked for to enter the portal of {agency}.";
    letter_link_once(minutes: i64): "O botão abaixo entra uma vez, sem senha, e vale por {minutes} minutos. Se passar do tempo, peça outro na página de entrada.", "O botão abaixo entra uma vez, sem palavra-passe, e vale durante {minutes} minutos. Se passar do tempo, peça outra ligação na página de entrada.", "The button below lets you in once, without a password, and is good for {minutes} minutes. If it is too late, ask for another on the login page.";
    letter_link_not_you: "Se você não pediu este link, não é preciso fazer nada: sem este e-mail ele não abre.", "Se não pediu esta ligação, não precisa de fazer nada: sem este e-mail ela não abre.", "If you did not ask for this link, there is nothing to do: without this e-mail it does not open.";
    letter_open: "Abrir a conversa", "Abrir a conversação", "Open the conversation";
    letter_message_subject(agency: &str): "Nova mensagem de {agency}", "Nova mensagem de {agency}", "New message from {agency}";
    letter_message_subject_inside(name: &str): "Nova mensagem de {name}", "Nova mensagem de {name}", "New message from {name}";
    letter_wrote(name: &str): "{name} escreveu:", "{name} escreveu:", "{name} wrote:";
    letter_files(n: usize): "Com {n} arquivo(s), que estão na conversa.", "Com {n} ficheiro(s), que estão na conversação.", "With {n} file(s), which are in the conversation.";
    letter_invited_subject(agency: &str): "Convite para o Balcão de {agency}", "Convite para o Balcão de {agency}", "Invitation to the desk of {agency}";
    letter_invited_text(agency: &str): "{agency} criou um usuário para você no Balcão, onde a equipe atende os clientes. Para começar, abra o link abaixo e escolha a sua senha; ninguém mais a conhece.", "{agency} criou-lhe um utilizador no Balcão, onde a equipa atende os clientes. Para começar, abra a ligação abaixo e escolha a sua palavra-passe; mais ninguém a conhece.", "{agency} has made you a user of Balcão, where the team answers clients. To begin, open the link below and choose your password; nobody else knows it.";
    letter_invited_open: "Escolher minha senha", "Escolher a minha palavra-passe", "Choose my password";
    letter_password_subject(agency: &str): "Nova senha no Balcão de {agency}", "Nova palavra-passe no Balcão de {agency}", "A new password at the desk of {agency}";
    letter_password_text: "Você recebe este link porque a administração o pediu para você. Abra-o e escolha uma nova senha. A senha de agora vale até lá.", "Recebe esta ligação porque a administração a pediu para si. Abra-a e escolha uma nova palavra-passe. A atual vale até lá.", "You get this link because the administration asked for it. Open it and choose a new password. The present one is good until then.";
    letter_password_open: "Escolher nova senha", "Escolher nova palavra-passe", "Choose a new password";
    letter_office(days: i64): "O link abre na rede do escritório, funciona uma vez e vale por {days} dias. Se você não esperava este e-mail, não é preciso fazer nada.", "A ligação abre na rede do escritório, funciona uma vez e vale durante {days} dias. Se não esperava este e-mail, não precisa de fazer nada.", "The link opens on the office network, works once and is good for {days} days. If you did not expect this e-mail, there is nothing to do.";
    letter_closing(agency: &str): "Atenciosamente,\n{agency}", "Com os melhores cumprimentos,\n{agency}", "Kind regards,\n{agency}";
}

use super::Words;

/// Our own causes of a letter that did not leave: the key, then the words.
const CAUSES: [(&str, [&str; 3]); 21] = [
    ("replaced", ["substituído por um novo envio", "substituído por um novo envio", "replaced by a newer one"]),
    ("revoked", ["o acesso foi revogado", "o acesso foi revogado", "the access was revoked"]),
    (
        "timeout",
        ["o servidor não respondeu a tempo", "o servidor não respondeu a tempo", "the server did not answer in time"],
    ),
    (
        "dns",
        [
            "o servidor de e-mail não foi encontrado",
            "o servidor de e-mail não foi encontrado",
            "the mail server was not found",
        ],
    ),
    ("refused", ["o servidor recusou a conexão", "o servidor recusou a ligação", "the server refused the connection"]),
    (
        "unreachable",
        ["o servidor está fora de alcance", "o servidor está fora de alcance", "the server is out of reach"],
    ),
    ("broken", ["a conexão caiu", "a ligação caiu", "the connection broke"]),
    (
        "recipient_not_ascii",
        [
            "o endereço tem letras que o e-mail não aceita",
            "o endereço tem letras que o e-mail não aceita",
            "the address has letters that mail does not take",
        ],
    ),
    ("bad_recipient", ["o endereço não é válido", "o endereço não é válido", "the address is not valid"]),
    (
        "bad_reply_to",
        [
            "o endereço de resposta não é válido",
            "o endereço de resposta não é válido",
            "the reply address is not valid",
        ],
    ),
    (
        "bad_message_id",
        ["a mensagem não pôde ser montada", "a mensagem não pôde ser composta", "the message could not be made"],
    ),
    (
        "bad_host",
        [
            "o nome do servidor nas configurações não é válido",
            "o nome do servidor nas definições não é válido",
            "the server's name in the settings is not valid",
        ],
    ),
    (
        "bad_sender",
        [
            "o remetente nas configurações não é válido",
            "o remetente nas definições não é válido",
            "the sender in the settings is not valid",
        ],
    ),
    (
        "bad_authority",
        [
            "o certificado da autoridade não é válido",
            "o certificado da autoridade não é válido",
            "the authority's certificate is not valid",
        ],
    ),
    (
        "clear_text",
        ["sem criptografia só na rede local", "sem cifra só na rede local", "unencrypted only on the local network"],
    ),
    (
        "no_starttls",
        ["o servidor não oferece STARTTLS", "o servidor não oferece STARTTLS", "the server does not offer STARTTLS"],
    ),
    (
        "no_login",
        [
            "o servidor não aceita usuário e senha",
            "o servidor não aceita utilizador e palavra-passe",
            "the server takes no user and password",
        ],
    ),
    ("tls", ["a conexão segura falhou", "a ligação segura falhou", "the secure connection failed"]),
    (
        "certificate_untrusted",
        [
            "o certificado do servidor não é confiável",
            "o certificado do servidor não é de confiança",
            "the server's certificate is not trusted",
        ],
    ),
    (
        "certificate_name",
        [
            "o certificado é de outro servidor",
            "o certificado é de outro servidor",
            "the certificate is another server's",
        ],
    ),
    (
        "certificate_date",
        [
            "o certificado do servidor está vencido",
            "o certificado do servidor expirou",
            "the server's certificate is out of date",
        ],
    ),
];

impl Words {
    /// Why a letter did not leave: our own cause in words, or what the server said.
    pub fn mail_cause(self, words: &str) -> String {
        match CAUSES.iter().find(|(key, _)| *key == words) {
            Some((_, texts)) => self.column(*texts).to_owned(),
            None => words.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::email::Cause;
    use crate::domain::values::Language;

    #[test]
    fn every_cause_of_ours_has_words() {
        for cause in Cause::ALL {
            assert_ne!(Words(Language::PtBr).mail_cause(cause.key()), cause.key());
        }
    }
}
