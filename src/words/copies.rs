//! The words of Sistema → Cópias de segurança.

super::words! {
    copies: "Cópias de segurança", "Cópias de segurança", "Backups";
    copies_text: "O Balcão fotografa o banco de dados a cada hora em que algo acontece, nesta mesma máquina. Contra roubo, incêndio ou defeito do disco, guarde também uma cópia em outro lugar.", "O Balcão fotografa a base de dados em cada hora em que algo acontece, nesta mesma máquina. Contra roubo, incêndio ou avaria do disco, guarde também uma cópia noutro lugar.", "Balcão takes a snapshot of the database in each hour in which something happens, on this same machine. Against theft, fire or a broken disk, keep a backup elsewhere as well.";
    last_snapshot: "Último instantâneo", "Último instantâneo", "Last snapshot";
    last_backup: "Última cópia completa", "Última cópia completa", "Last backup";
    no_snapshot_yet: "ainda nenhum", "ainda nenhum", "none yet";
    no_backup_yet: "ainda nenhuma", "ainda nenhuma", "none yet";
    snapshot_trouble(why: &str): "O último instantâneo não deu certo: {why}", "O último instantâneo não correu bem: {why}", "The last snapshot did not succeed: {why}";
    snapshot_old: "Há mais de duas horas sem instantâneo, embora algo tenha acontecido. Veja se há espaço no disco.", "Há mais de duas horas sem instantâneo, embora algo tenha acontecido. Veja se há espaço no disco.", "No snapshot for more than two hours, though something happened. See whether there is room on the disk.";
    backup_old: "A última cópia completa tem mais de sete dias.", "A última cópia completa tem mais de sete dias.", "The last backup is more than seven days old.";
    backup_none: "Ainda não há cópia fora desta máquina: faça a primeira.", "Ainda não há cópia fora desta máquina: faça a primeira.", "There is no backup outside this machine yet: make the first.";
    make_backup: "Fazer cópia agora", "Fazer cópia agora", "Make a backup now";
    make_backup_text: "Baixa um só arquivo com o banco de dados e todos os arquivos enviados. Quem o tem, tem tudo: proteja-o com uma frase secreta e guarde-a em outro lugar. Sem ela ninguém abre a cópia, nem nós.", "Transfere um só ficheiro com a base de dados e todos os ficheiros enviados. Quem o tem, tem tudo: proteja-o com uma frase secreta e guarde-a noutro lugar. Sem ela ninguém abre a cópia, nem nós.", "Downloads one file with the database and all uploaded files. Whoever has it has everything: protect it with a passphrase and keep that elsewhere. Without it nobody opens the backup, not even we.";
    backup_phrase: "Frase secreta da cópia", "Frase secreta da cópia", "Passphrase of the backup";
    backup_phrase_hint: "Vazia: a cópia não é cifrada, e a senha do servidor de e-mail e as chaves de HTTPS ficam fora dela.", "Vazia: a cópia não é cifrada, e a palavra-passe do servidor de e-mail e as chaves de HTTPS ficam fora dela.", "Empty: the backup is not encrypted, and the mail server's password and the keys of HTTPS are left out.";
    backup_from_terminal: "No terminal, sem baixar pelo navegador:", "No terminal, sem transferir pelo navegador:", "On a terminal, without downloading:";
    drill: "Testar restauração", "Testar restauração", "Test a restore";
    drill_text: "Faz uma cópia, restaura-a ao lado, compara tudo com o que há aqui e apaga o teste. O trabalho da equipe continua.", "Faz uma cópia, restaura-a ao lado, compara tudo com o que há aqui e apaga o teste. O trabalho da equipa continua.", "Makes a backup, restores it beside, compares everything with what is here and removes the test. Everybody can go on working.";
    drilling: "O teste está em andamento.", "O teste está em curso.", "The test is running.";
    look_again: "Ver de novo", "Ver de novo", "Look again";
    drill_failed(why: &str): "O teste falhou: {why}", "O teste falhou: {why}", "The test failed: {why}";
    drill_never: "Ainda não foi testada.", "Ainda não foi testada.", "Not tested yet.";
    snapshots: "Instantâneos", "Instantâneos", "Snapshots";
    snapshots_text: "Ficam os das últimas 24 horas com movimento e um por dia dos últimos 14 dias.", "Ficam os das últimas 24 horas com movimento e um por dia dos últimos 14 dias.", "Those of the last 24 hours with activity are kept, and one a day of the last 14 days.";
    damaged_rows(n: u64): "registros danificados: {n}", "registos danificados: {n}", "damaged records: {n}";
    recovered_title: "O banco de dados desta cópia estava incompleto", "A base de dados desta cópia estava incompleta", "The database of this copy was torn";
    recovered(when: &str): "A casa recomeçou do instantâneo de {when}. O que foi escrito depois pode faltar.", "A casa recomeçou do instantâneo de {when}. O que foi escrito depois pode faltar.", "The house began again from the snapshot of {when}. What was written later may be missing.";
    recovered_kept(name: &str): "O arquivo incompleto foi guardado como {name}.", "O ficheiro incompleto foi guardado como {name}.", "The torn file is kept as {name}.";
    i_read_it: "Entendi", "Compreendi", "Understood";
    drill_passed(when: &str, rows: u64, files: u64, seconds: i64): "Testada {when}, em {seconds} s: tudo voltou idêntico (registros: {rows}; arquivos: {files}).", "Testada {when}, em {seconds} s: tudo voltou idêntico (registos: {rows}; ficheiros: {files}).", "Tested {when}, in {seconds} s: everything came back identical (records: {rows}; files: {files}).";
    drill_damaged(n: u64): "Arquivos já danificados aqui: {n}.", "Ficheiros já danificados aqui: {n}.", "Files that are damaged here already: {n}.";
}
