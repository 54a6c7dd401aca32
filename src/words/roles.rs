//! The words of roles and permissions.

use super::Words;
use crate::domain::access::Act;

super::words! {
    roles: "Papéis e permissões", "Funções e permissões", "Roles and permissions";
    roles_hint: "Quem pode o quê. Os quatro primeiros papéis são da casa e não mudam; se algum não servir, crie um próprio e dê a quem precisa, em Usuários.", "Quem pode o quê. As quatro primeiras funções são da casa e não mudam; se alguma não servir, crie uma própria e atribua-a a quem precisa, em Utilizadores.", "Who may do what. The first four roles belong to the house and do not change; if none fits, make one of your own and give it to those who need it, under Users.";
    setting_on: "ligado", "ligado", "on";
    setting_off: "desligado", "desligado", "off";
    setting_obligatory: "obrigatório", "obrigatório", "obligatory";
    setting_optional: "opcional", "opcional", "optional";
    setting_folder: "na pasta das cópias", "na pasta das cópias", "into the folder of copies";
    permission: "Permissão", "Permissão", "Permission";
    yes_mark: "pode", "pode", "may";
    no_mark: "não pode", "não pode", "may not";
    new_role: "Novo papel", "Nova função", "New role";
    role_name: "Nome do papel", "Nome da função", "Name of the role";
    role_active: "Oferecer a usuários", "Oferecer a utilizadores", "Offer it to users";
    role_off: "não oferecido", "não oferecida", "not offered";
    role_may: "Quem tem este papel pode", "Quem tem esta função pode", "Who has this role may";
    role_base: "O trabalho próprio todos podem: as filas que atendem, as conversas e oportunidades que são suas, contatos, busca.", "O próprio trabalho todos podem: as filas que atendem, as conversações e oportunidades que são suas, contactos, pesquisa.", "One's own work everybody may do: the queues one serves, the conversations and opportunities that are one's own, contacts, search.";
    user_departments: "Setores cujas filas vê", "Departamentos cujas filas vê", "Departments whose queues are seen";
    user_departments_hint: "Nenhum marcado: vê todas. Quem pode ver tudo não é limitado.", "Nenhum marcado: vê todas. Quem pode ver tudo não é limitado.", "None ticked: all of them. Whoever may see everything is not limited.";
}

impl Words {
    /// What a permission lets somebody do, as the end of "who has it may …".
    pub fn act(self, act: Act) -> &'static str {
        match act {
            Act::SeeEverything => self.column([
                "ver todas as conversas e oportunidades",
                "ver todas as conversações e oportunidades",
                "see all conversations and opportunities",
            ]),
            Act::MoveOthersWork => self.column([
                "transferir e fechar conversas de outras pessoas",
                "transferir e fechar conversações de outras pessoas",
                "transfer and close other people's conversations",
            ]),
            Act::RegisterOthers => self.column([
                "registrar entrada, saída e ramal de outras pessoas",
                "registar entrada, saída e extensão de outras pessoas",
                "record other people's entry, exit and extension",
            ]),
            Act::EditLists => self.column([
                "mudar motivos, setores e a mensagem de encerramento",
                "mudar motivos, departamentos e a mensagem de encerramento",
                "change reasons, departments and the closing message",
            ]),
            Act::ManageUsers => self.column([
                "convidar, mudar e desativar usuários que não podem mais do que ela",
                "convidar, mudar e desativar utilizadores que não podem mais do que ela",
                "invite, change and switch off users who may do no more than they",
            ]),
            Act::ReadAudit => self.column([
                "ler e exportar a auditoria",
                "ler e exportar a auditoria",
                "read and export the audit log",
            ]),
            Act::KeepCopies => self.column([
                "fazer e baixar cópias de segurança, que contêm tudo",
                "fazer e transferir cópias de segurança, que contêm tudo",
                "make and download backups, which hold everything",
            ]),
            Act::RunTheSystem => self.column([
                "mudar a imobiliária, o e-mail, o HTTPS, o controle de usuários online e os papéis",
                "mudar a agência, o e-mail, o HTTPS, o controlo de utilizadores online e as funções",
                "change the agency, its mail, HTTPS, the control of users online and the roles",
            ]),
        }
    }
}
