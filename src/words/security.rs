//! The words of two-step verification.

super::words! {
    second_factor: "Verificação em duas etapas", "Verificação em dois passos", "Two-step verification";
    second_factor_text: "Além da senha, entrar passa a pedir um código de seis dígitos que um aplicativo no seu celular mostra. Quem descobrir a senha não entra sem o celular.", "Além da palavra-passe, entrar passa a pedir um código de seis dígitos que uma aplicação no seu telemóvel mostra. Quem descobrir a palavra-passe não entra sem o telemóvel.", "Besides the password, logging in asks for a six-digit code that an app on your phone shows. Whoever finds out the password does not get in without the phone.";
    second_factor_is_off: "Desligada.", "Desligada.", "Off.";
    second_factor_is_on(since: &str, codes: usize): "Ligada {since}. Códigos de recuperação que restam: {codes}.", "Ligada {since}. Códigos de recuperação que restam: {codes}.", "On, {since}. Recovery codes left: {codes}.";
    second_factor_set_up: "Configurar", "Configurar", "Set up";
    second_factor_manage: "Gerenciar", "Gerir", "Manage";
    second_factor_must: "A imobiliária pede a verificação em duas etapas a quem cuida do sistema, dos usuários, da auditoria ou das cópias de segurança. Configure-a agora; o resto abre logo depois.", "A imobiliária pede a verificação em dois passos a quem trata do sistema, dos utilizadores, da auditoria ou das cópias de segurança. Configure-a agora; o resto abre logo a seguir.", "The agency asks whoever looks after the system, its users, its audit log or its backups for two-step verification. Set it up now; everything else opens right after.";
    second_factor_apps: "Serve qualquer aplicativo autenticador: Google Authenticator, Microsoft Authenticator, Aegis, 2FAS, ou o gerenciador de senhas do celular.", "Serve qualquer aplicação autenticadora: Google Authenticator, Microsoft Authenticator, Aegis, 2FAS, ou o gestor de palavras-passe do telemóvel.", "Any authenticator app will do: Google Authenticator, Microsoft Authenticator, Aegis, 2FAS, or the phone's password manager.";
    second_factor_begin: "Começar", "Começar", "Begin";
    second_factor_scan: "Leia este código com o aplicativo", "Leia este código com a aplicação", "Scan this code with the app";
    second_factor_type: "Não dá para ler? Digite esta chave no aplicativo:", "Não consegue ler? Introduza esta chave na aplicação:", "Cannot scan it? Type this key into the app:";
    second_factor_open: "Abrir no aplicativo deste aparelho", "Abrir na aplicação deste aparelho", "Open in this device's app";
    second_factor_confirm: "Confirme com o código que o aplicativo mostra agora", "Confirme com o código que a aplicação mostra agora", "Confirm with the code that the app shows now";
    app_code: "Código do aplicativo", "Código da aplicação", "Code of the app";
    app_or_recovery_code: "Código do aplicativo ou de recuperação", "Código da aplicação ou de recuperação", "Code of the app, or a recovery code";
    app_code_hint: "Seis dígitos", "Seis dígitos", "Six digits";
    recovery_code: "Código de recuperação", "Código de recuperação", "Recovery code";
    recovery_code_hint: "Dezesseis letras e números. Cada um vale uma vez.", "Dezasseis letras e números. Cada um vale uma vez.", "Sixteen letters and digits. Each is good once.";
    recovery_codes: "Códigos de recuperação", "Códigos de recuperação", "Recovery codes";
    recovery_codes_once: "Com um destes códigos você entra quando o celular não estiver à mão. Cada um vale uma vez. Eles não serão mostrados de novo: imprima-os ou anote-os num lugar seguro, longe deste computador.", "Com um destes códigos entra quando não tiver o telemóvel à mão. Cada um vale uma vez. Não voltam a ser mostrados: imprima-os ou anote-os num lugar seguro, longe deste computador.", "With one of these codes you get in when the phone is not at hand. Each is good once. They will not be shown again: print them or write them down in a safe place, away from this computer.";
    recovery_codes_renew: "Gerar novos códigos de recuperação", "Gerar novos códigos de recuperação", "Make new recovery codes";
    recovery_codes_renew_text: "Os anteriores deixam de valer.", "Os anteriores deixam de valer.", "The earlier ones are good for nothing then.";
    recovery_codes_kept: "Estão em lugar seguro", "Estão em lugar seguro", "They are in a safe place";
    second_factor_switch_off: "Desligar", "Desligar", "Switch off";
    second_factor_switch_off_text: "Para trocar de celular, desligue e configure de novo com o celular novo.", "Para mudar de telemóvel, desligue e volte a configurar com o telemóvel novo.", "To change phones, switch it off and set it up again with the new one.";
    second_factor_stale: "Esta configuração expirou. Comece de novo.", "Esta configuração expirou. Comece de novo.", "This took too long. Begin again.";
    code_wrong(time: &str): "Código errado. Espere o próximo e tente de novo. O relógio daqui marca {time}; confira se o do celular marca o mesmo.", "Código errado. Espere pelo próximo e tente de novo. O relógio daqui marca {time}; veja se o do telemóvel marca o mesmo.", "Wrong code. Wait for the next one and try again. The clock here shows {time}; check that the phone's does too.";
    code_used: "Este código já foi usado. Espere o próximo.", "Este código já foi usado. Espere pelo próximo.", "This code was used already. Wait for the next one.";
    code_clock_back: "O relógio deste servidor foi atrasado, e os códigos não valem até ele voltar à hora certa. Use um código de recuperação.", "O relógio deste servidor foi atrasado, e os códigos não valem até voltar à hora certa. Use um código de recuperação.", "This server's clock was set back, and codes are no good until it is right again. Use a recovery code.";
    code_unreadable: "Esta cópia da imobiliária foi restaurada sem as chaves dos aplicativos. Use um código de recuperação, ou peça a quem administra o sistema.", "Esta cópia da imobiliária foi reposta sem as chaves das aplicações. Use um código de recuperação, ou peça a quem administra o sistema.", "This copy of the agency was restored without the apps' keys. Use a recovery code, or ask whoever runs the system.";
    step_title: "Confirme que é você", "Confirme que é o próprio", "Confirm that it is you";
    step_text: "Abra o aplicativo autenticador e digite o código que ele mostra.", "Abra a aplicação autenticadora e introduza o código que ela mostra.", "Open the authenticator app and type the code it shows.";
    step_recovery_text: "Digite um dos códigos que você anotou ao configurar.", "Introduza um dos códigos que anotou ao configurar.", "Type one of the codes you wrote down when setting up.";
    step_use_recovery: "Estou sem o celular", "Estou sem o telemóvel", "I do not have the phone";
    step_use_app: "Usar o aplicativo", "Usar a aplicação", "Use the app";
    step_over: "Demorou demais. Entre de novo.", "Demorou muito. Entre de novo.", "That took too long. Log in again.";
    step_lost: "Sem o celular e sem os códigos, peça a quem administra o sistema que desligue a sua verificação.", "Sem o telemóvel e sem os códigos, peça a quem administra o sistema que desligue a sua verificação.", "Without the phone and the codes, ask whoever runs the system to switch your verification off.";
    second_factor_take: "Desligar a verificação em duas etapas", "Desligar a verificação em dois passos", "Switch two-step verification off";
    second_factor_take_text(name: &str): "{name} volta a entrar só com a senha, e sai de onde está agora. Faça isto quando o celular se perdeu, e só se tem certeza de quem está a pedir.", "{name} volta a entrar só com a palavra-passe, e sai de onde está agora. Faça isto quando o telemóvel se perdeu, e só se tiver a certeza de quem está a pedir.", "{name} logs in with the password alone again, and is logged out everywhere. Do this when the phone is lost, and only if you are sure who is asking.";
    system_security: "Segurança", "Segurança", "Security";
    second_factor_required: "Obrigatória para quem administra", "Obrigatória para quem administra", "Required of administrators";
    second_factor_required_text: "Administra quem pode mudar o sistema ou os usuários, ler a auditoria ou fazer cópias de segurança, pelo papel que tiver. Quem ainda não a tem é levado a configurá-la antes de qualquer outra coisa. Os outros podem usá-la, cada um em Meu perfil.", "Administra quem pode alterar o sistema ou os utilizadores, ler a auditoria ou fazer cópias de segurança, pela função que tiver. Quem ainda não a tem é levado a configurá-la antes de qualquer outra coisa. Os outros podem usá-la, cada um em O meu perfil.", "Administrators are all whose role lets them change the system or its users, read the audit log or make backups. Whoever of them does not have it yet is led to set it up before anything else. Others may use it, each under My profile.";
    has_second_factor: "Duas etapas", "Dois passos", "Two steps";
    password_only: "Só senha", "Só palavra-passe", "Password only";
}
