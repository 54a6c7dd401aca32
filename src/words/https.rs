//! The words of HTTPS: Sistema → Segurança da conexão, and the page that explains the certificate.

super::words! {
    https_only: "Esta página agora só abre por HTTPS, com a conexão cifrada. Abra-a de novo com https:// no começo do endereço.", "Esta página agora só abre por HTTPS, com a ligação cifrada. Abra-a de novo com https:// no início do endereço.", "This page now opens by HTTPS only, over an encrypted connection. Open it again with https:// before the address.";
    connection_security: "Segurança da conexão", "Segurança da ligação", "Connection security";
    no_https_here: "Conexão sem HTTPS: quem está na mesma rede pode ler o que passa, senhas inclusive; gravar áudio e avisos do navegador exigem HTTPS.", "Ligação sem HTTPS: quem está na mesma rede pode ler o que passa, palavras-passe incluídas; gravar áudio e avisos do navegador exigem HTTPS.", "Connection without HTTPS: whoever is on the same network can read what passes, passwords included; recording audio and browser notices need HTTPS.";
    activate_https: "Ativar HTTPS", "Ativar HTTPS", "Switch HTTPS on";
    https_office: "No escritório", "No escritório", "In the office";
    https_given(until: &str): "O certificado vem dos arquivos indicados na linha de comando e é trocado quando eles mudam. Vale até {until}.", "O certificado vem dos ficheiros indicados na linha de comandos e é trocado quando eles mudam. Vale até {until}.", "The certificate comes from the files named on the command line and changes when they do. It counts until {until}.";
    https_office_text: "O Balcão cria um certificado para os endereços deste computador, assinado por uma autoridade só desta imobiliária. Nada muda para a equipe enquanto você não ligar o passo 3.", "O Balcão cria um certificado para os endereços deste computador, assinado por uma autoridade só desta imobiliária. Nada muda para a equipa enquanto não ligar o passo 3.", "Balcão makes a certificate for this computer's addresses, signed by an authority of this agency alone. Nothing changes for the staff until you switch step 3 on.";
    https_names: "Outros nomes ou endereços deste computador", "Outros nomes ou endereços deste computador", "Other names or addresses of this computer";
    https_names_hint: "Só se a rede usa um nome próprio, como balcao.imobiliaria.lan. Os que o computador já conhece entram sozinhos.", "Só se a rede usa um nome próprio, como balcao.imobiliaria.lan. Os que o computador já conhece entram sozinhos.", "Only where the network has a name of its own, such as balcao.agency.lan. Those the computer knows are included by themselves.";
    https_prepare: "Preparar o certificado", "Preparar o certificado", "Prepare the certificate";
    https_step_1: "1. Certificado pronto", "1. Certificado pronto", "1. The certificate is ready";
    https_step_1_text: "O certificado se renova sozinho e acompanha os endereços do computador:", "O certificado renova-se sozinho e acompanha os endereços do computador:", "The certificate renews itself and follows the computer's addresses:";
    https_both: "Agora o mesmo endereço abre com http:// e com https://.", "Agora o mesmo endereço abre com http:// e com https://.", "The same address now opens with http:// and with https://.";
    https_step_2: "2. Instalar nos computadores e celulares", "2. Instalar nos computadores e telemóveis", "2. Install it on computers and phones";
    https_step_2_text: "Em cada aparelho abra a página abaixo: ela explica a instalação, uma vez só. No celular, aponte a câmera para o código.", "Em cada aparelho abra a página abaixo: explica a instalação, uma só vez. No telemóvel, aponte a câmara para o código.", "Open the page below on each device: it explains the installation, once for all. On a phone, point the camera at the code.";
    https_step_3: "3. Usar só HTTPS", "3. Usar só HTTPS", "3. Use HTTPS only";
    https_step_3_from_plain: "Abra esta mesma página por HTTPS. Se ela abrir sem aviso do navegador, o botão aparece aqui; assim ninguém fica trancado do lado de fora. Será preciso entrar de novo.", "Abra esta mesma página por HTTPS. Se abrir sem aviso do navegador, o botão aparece aqui; assim ninguém fica fechado do lado de fora. Será preciso entrar de novo.", "Open this same page by HTTPS. If it opens without a warning of the browser, the button appears here; so nobody is locked out. You will have to log in again.";
    https_open: "Abrir por HTTPS", "Abrir por HTTPS", "Open by HTTPS";
    https_step_3_text: "Daqui em diante quem abrir http:// é levado a https://. Ligue quando o certificado estiver instalado nos aparelhos da equipe; nos outros o navegador mostra um aviso antes de abrir. Todos entram de novo uma vez.", "Daqui em diante quem abrir http:// é levado a https://. Ligue quando o certificado estiver instalado nos aparelhos da equipa; nos outros o navegador mostra um aviso antes de abrir. Todos entram de novo uma vez.", "From then on whoever opens http:// is led to https://. Switch it on once the certificate is installed on the staff's devices; on others the browser warns before it opens. Everybody logs in again once.";
    https_demand: "Usar só HTTPS", "Usar só HTTPS", "Use HTTPS only";
    https_demanded: "Ligado: toda a equipe usa HTTPS. O novo endereço:", "Ligado: toda a equipa usa HTTPS. O novo endereço:", "On: all staff use HTTPS. The new address:";
    https_undemand: "Voltar a aceitar http://", "Voltar a aceitar http://", "Accept http:// again";
    https_give_up: "Desligar e apagar o certificado", "Desligar e apagar o certificado", "Switch off and delete the certificate";
    https_give_up_sure: "Apagar o certificado e a autoridade? Se quiser HTTPS de novo, será preciso instalar o novo certificado em todos os aparelhos.", "Apagar o certificado e a autoridade? Se quiser HTTPS de novo, será preciso instalar o novo certificado em todos os aparelhos.", "Delete the certificate and its authority? For HTTPS again, the new certificate has to be installed on all devices.";
    https_give_up_from_plain: "Para desligar, abra esta página com http://: por HTTPS você perderia a resposta.", "Para desligar, abra esta página com http://: por HTTPS perderia a resposta.", "To switch it off, open this page with http://: by HTTPS the answer would be lost to you.";
    https_open_plain: "Abrir por http://", "Abrir por http://", "Open by http://";
    https_not_a_name(what: &str): "“{what}” não é um nome nem um endereço de computador.", "“{what}” não é um nome nem um endereço de computador.", "“{what}” is no name and no address of a computer.";
    https_too_many: "São nomes demais.", "São nomes a mais.", "These are too many names.";
    https_out_of_bounds(what: &str): "A autoridade desta imobiliária não pode assinar para {what}. Desligue, apague o certificado e prepare outro já com esse nome.", "A autoridade desta imobiliária não pode assinar para {what}. Desligue, apague o certificado e prepare outro já com esse nome.", "This agency's authority may not sign for {what}. Switch it off, delete the certificate and prepare another with that name from the start.";
    https_not_ours: "Não há certificado próprio a alterar aqui. Recarregue a página.", "Não há certificado próprio a alterar aqui. Recarregue a página.", "There is no certificate of our own to change here. Reload the page.";
    https_failed(why: &str): "Não foi possível: {why}", "Não foi possível: {why}", "That failed: {why}";
    certificate: "Certificado", "Certificado", "Certificate";
    certificate_install: "Instalar o certificado", "Instalar o certificado", "Install the certificate";
    certificate_text: "Com ele o seu aparelho reconhece o Balcão da imobiliária e a conexão fica cifrada. A autoridade só pode assinar para a rede do escritório, para nenhum outro site.", "Com ele o seu aparelho reconhece o Balcão da imobiliária e a ligação fica cifrada. A autoridade só pode assinar para a rede do escritório, para nenhum outro site.", "With it your device recognises the agency's Balcão and the connection is encrypted. The authority can sign for the office network only, for no other site.";
    certificate_download: "Baixar o certificado", "Transferir o certificado", "Download the certificate";
    certificate_fingerprint: "Impressão digital (SHA-256)", "Impressão digital (SHA-256)", "Fingerprint (SHA-256)";
    certificate_compare: "Antes de confiar, compare-a com a que o administrador vê em Sistema → Segurança da conexão.", "Antes de confiar, compare-a com a que o administrador vê em Sistema → Segurança da ligação.", "Before you trust it, compare it with what the administrator sees under System → Connection security.";
    certificate_qr(address: &str): "Código que leva a {address}", "Código que leva a {address}", "Code that leads to {address}";
    certificate_done: "Pronto? Abra o Balcão com https:// no começo do endereço.", "Pronto? Abra o Balcão com https:// no início do endereço.", "Done? Open Balcão with https:// before the address.";
    https_portal: "No portal dos clientes", "No portal dos clientes", "In the clients' portal";
    https_portal_text: "Com um nome na internet que leve a este escritório, o Balcão pede e renova sozinho um certificado gratuito da Let’s Encrypt. No roteador, encaminhe a porta 443 (e, se puder, a 80) para a porta do portal neste computador.", "Com um nome na internet que leve a este escritório, o Balcão pede e renova sozinho um certificado gratuito da Let’s Encrypt. No router, encaminhe a porta 443 (e, se puder, a 80) para a porta do portal neste computador.", "With a name on the internet that leads to this office, Balcão asks for a free certificate of Let’s Encrypt and renews it by itself. On the router, forward port 443 (and 80, if you can) to the portal's port on this computer.";
    https_domain: "Nome do portal na internet", "Nome do portal na internet", "The portal's name on the internet";
    https_domain_hint: "Por exemplo portal.suaimobiliaria.com.br", "Por exemplo portal.suaimobiliaria.pt", "For instance portal.youragency.com";
    https_contact: "E-mail para avisos do certificado", "E-mail para avisos do certificado", "E-mail for notices about the certificate";
    https_agree: "Concordo com os termos de uso da Let’s Encrypt (letsencrypt.org/repository)", "Concordo com os termos de utilização da Let’s Encrypt (letsencrypt.org/repository)", "I agree to the terms of Let’s Encrypt (letsencrypt.org/repository)";
    https_agree_needed: "É preciso concordar com os termos.", "É preciso concordar com os termos.", "You have to agree to the terms.";
    https_ask: "Pedir o certificado", "Pedir o certificado", "Ask for the certificate";
    https_ask_again: "Tentar agora", "Tentar agora", "Try now";
    https_asking(domain: &str): "Pedindo o certificado de {domain}. Leva até alguns minutos; recarregue a página.", "A pedir o certificado de {domain}. Demora até alguns minutos; recarregue a página.", "Asking for the certificate of {domain}. It takes up to some minutes; reload the page.";
    https_served(domain: &str, until: &str): "O portal abre por https://{domain}. O certificado vale até {until} e se renova sozinho.", "O portal abre por https://{domain}. O certificado vale até {until} e renova-se sozinho.", "The portal opens by https://{domain}. The certificate counts until {until} and renews itself.";
    https_refused(domain: &str, next: &str): "O certificado de {domain} não foi obtido. Nova tentativa: {next}. O que foi respondido:", "O certificado de {domain} não foi obtido. Nova tentativa: {next}. O que foi respondido:", "The certificate of {domain} was not got. Next try: {next}. What was answered:";
    https_ports_hint: "O número é a porta pela qual se tentou: confira no roteador se ela chega a este computador, e no seu provedor de domínio se o nome leva ao endereço do escritório.", "O número é a porta pela qual se tentou: confirme no router se ela chega a este computador, e no fornecedor do domínio se o nome leva ao endereço do escritório.", "The number is the port by which it was tried: look whether the router leads it to this computer, and at your domain's provider whether the name leads to the office.";
    https_portal_address_plain(address: &str): "O endereço do portal em Sistema → Imobiliária ainda é {address}, sem HTTPS: troque-o para que os e-mails levem ao endereço seguro.", "O endereço do portal em Sistema → Imobiliária ainda é {address}, sem HTTPS: troque-o para que os e-mails levem ao endereço seguro.", "The portal's address under System → Agency is still {address}, without HTTPS: change it so that e-mails lead to the secure one.";
    https_unwish: "Desligar o certificado do portal", "Desligar o certificado do portal", "Switch the portal's certificate off";
}

use super::Words;
use crate::domain::values::Language;

/// How one kind of device takes the certificate: its name, and the steps.
pub type Guide = (&'static str, &'static [&'static str]);

impl Words {
    /// How each kind of device takes the certificate.
    pub fn certificate_guides(self) -> [Guide; 6] {
        match self.0 {
            Language::PtBr => BR,
            Language::PtPt => PT,
            Language::En => EN,
        }
    }
}

const BR: [Guide; 6] = [
    (
        "Windows",
        &[
            "Baixe o certificado e abra o arquivo balcao-ca.crt (dois cliques).",
            "Clique em Instalar Certificado… e escolha Máquina Local (ou Usuário Atual, se não for administrador). Avançar.",
            "Marque Colocar todos os certificados no repositório a seguir, clique em Procurar… e escolha Autoridades de Certificação Raiz Confiáveis.",
            "Clique em Avançar e Concluir. Se aparecer um aviso de segurança, compare a impressão digital e clique em Sim.",
            "Feche o navegador por completo e abra-o de novo. Vale para Edge e Chrome.",
        ],
    ),
    (
        "Android",
        &[
            "Baixe o certificado.",
            "Abra Configurações → Segurança e privacidade → Mais configurações de segurança → Criptografia e credenciais → Instalar um certificado → Certificado de CA. Em alguns aparelhos, procure “certificado” na busca das configurações.",
            "Toque em Instalar assim mesmo, confirme com a senha do aparelho e escolha balcao-ca.crt em Downloads.",
            "Abra o Chrome de novo. O Android pode avisar que a rede pode ser monitorada: é o texto dele para qualquer certificado instalado.",
        ],
    ),
    (
        "iPhone e iPad",
        &[
            "Abra esta página no Safari e toque em Baixar o certificado; depois em Permitir.",
            "Abra Ajustes: no alto aparece Perfil Baixado. Toque nele, em Instalar, e digite o código do aparelho.",
            "Vá a Ajustes → Geral → Sobre → Ajustes de Confiança de Certificado e ligue o certificado do Balcão. Sem este passo o aviso continua.",
        ],
    ),
    (
        "Mac",
        &[
            "Baixe o certificado e abra-o: o Acesso às Chaves pergunta onde guardar; escolha Sistema.",
            "Na lista, abra o certificado do Balcão, depois Confiar, e escolha Sempre Confiar. Feche e digite a sua senha.",
        ],
    ),
    (
        "Firefox",
        &[
            "No Windows, no Mac e no Android o Firefox usa o certificado do sistema. Se o aviso continuar: Configurações → Privacidade e Segurança → Ver certificados → Autoridades → Importar…",
            "Escolha balcao-ca.crt, marque Confiar nesta CA para identificar sites e confirme.",
        ],
    ),
    (
        "Linux",
        &[
            "sudo cp balcao-ca.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates",
            "No Chrome: Configurações → Privacidade e segurança → Segurança → Gerenciar certificados → Autoridades → Importar.",
        ],
    ),
];

const PT: [Guide; 6] = [
    (
        "Windows",
        &[
            "Transfira o certificado e abra o ficheiro balcao-ca.crt (duplo clique).",
            "Clique em Instalar Certificado… e escolha Computador Local (ou Utilizador Atual, se não for administrador). Seguinte.",
            "Marque Colocar todos os certificados no seguinte arquivo, clique em Procurar… e escolha Autoridades de Certificação de Raiz Fidedigna.",
            "Clique em Seguinte e Concluir. Se aparecer um aviso de segurança, compare a impressão digital e clique em Sim.",
            "Feche o navegador por completo e abra-o de novo. Vale para o Edge e o Chrome.",
        ],
    ),
    (
        "Android",
        &[
            "Transfira o certificado.",
            "Abra Definições → Segurança e privacidade → Mais definições de segurança → Encriptação e credenciais → Instalar um certificado → Certificado da AC. Em alguns aparelhos, procure “certificado” na pesquisa das definições.",
            "Toque em Instalar mesmo assim, confirme com o código do aparelho e escolha balcao-ca.crt em Transferências.",
            "Abra o Chrome de novo. O Android pode avisar que a rede pode ser monitorizada: é o texto dele para qualquer certificado instalado.",
        ],
    ),
    (
        "iPhone e iPad",
        &[
            "Abra esta página no Safari e toque em Transferir o certificado; depois em Permitir.",
            "Abra Definições: no topo aparece Perfil descarregado. Toque nele, em Instalar, e introduza o código do aparelho.",
            "Vá a Definições → Geral → Informações → Definições de confiança dos certificados e ligue o certificado do Balcão. Sem este passo o aviso continua.",
        ],
    ),
    (
        "Mac",
        &[
            "Transfira o certificado e abra-o: o Acesso a Porta-chaves pergunta onde guardar; escolha Sistema.",
            "Na lista, abra o certificado do Balcão, depois Confiança, e escolha Confiar sempre. Feche e introduza a sua palavra-passe.",
        ],
    ),
    (
        "Firefox",
        &[
            "No Windows, no Mac e no Android o Firefox usa o certificado do sistema. Se o aviso continuar: Definições → Privacidade e segurança → Ver certificados → Autoridades → Importar…",
            "Escolha balcao-ca.crt, marque Confiar nesta AC para identificar sites e confirme.",
        ],
    ),
    (
        "Linux",
        &[
            "sudo cp balcao-ca.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates",
            "No Chrome: Definições → Privacidade e segurança → Segurança → Gerir certificados → Autoridades → Importar.",
        ],
    ),
];

const EN: [Guide; 6] = [
    (
        "Windows",
        &[
            "Download the certificate and open the file balcao-ca.crt (double click).",
            "Click Install Certificate… and choose Local Machine (or Current User, if you are no administrator). Next.",
            "Choose Place all certificates in the following store, click Browse… and choose Trusted Root Certification Authorities.",
            "Click Next and Finish. If a security warning appears, compare the fingerprint and click Yes.",
            "Close the browser entirely and open it again. This serves Edge and Chrome.",
        ],
    ),
    (
        "Android",
        &[
            "Download the certificate.",
            "Open Settings → Security & privacy → More security settings → Encryption & credentials → Install a certificate → CA certificate. On some devices, search the settings for “certificate”.",
            "Tap Install anyway, confirm with the device's lock and choose balcao-ca.crt in Downloads.",
            "Open Chrome again. Android may say that the network can be monitored: it says so of every certificate that was installed.",
        ],
    ),
    (
        "iPhone and iPad",
        &[
            "Open this page in Safari and tap Download the certificate, then Allow.",
            "Open Settings: at the top it says Profile Downloaded. Tap it, then Install, and enter the device's code.",
            "Go to Settings → General → About → Certificate Trust Settings and switch Balcão's certificate on. Without this step the warning stays.",
        ],
    ),
    (
        "Mac",
        &[
            "Download the certificate and open it: Keychain Access asks where to keep it; choose System.",
            "In the list open Balcão's certificate, then Trust, and choose Always Trust. Close it and enter your password.",
        ],
    ),
    (
        "Firefox",
        &[
            "On Windows, Mac and Android Firefox uses the system's certificate. If the warning stays: Settings → Privacy & Security → View Certificates → Authorities → Import…",
            "Choose balcao-ca.crt, tick Trust this CA to identify websites and confirm.",
        ],
    ),
    (
        "Linux",
        &[
            "sudo cp balcao-ca.crt /usr/local/share/ca-certificates/ && sudo update-ca-certificates",
            "In Chrome: Settings → Privacy and security → Security → Manage certificates → Authorities → Import.",
        ],
    ),
];
