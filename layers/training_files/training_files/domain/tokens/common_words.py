"""Frequent words of English, German, Spanish and code that are one token in every family of tokenizers."""

COMMON_WORDS = """
abc aber abilities ability able about above abre abril abrir absolut absolute accept acceso access accessed
accessibility accidentally acciones acción according account accounts ach achieve across act action actions activate
activated active actividades activities actual actually acuerdo adapted adapter add added adding addition additional
addr address adds adel además adj adjacent adjust admin administrative administrator adresse advance advanced
advancement advances advantage advertising advice affect affected after again against age agua ahora aid ail air aire
aktiv aktuellen alas algo algorithm alguien alguna algunas algunos algún ali alias align aligned alignment all alle
allem allen aller allerdings alles allied allies alloc allow allowed allowing allows ally alma almost alone along
alpha already als also alt alta alte alter altern alternative alternatively alters although alto altura always ama
ambos american amigo amigos amo among amor amount amt ancient and anda andere anderen anders andre animal annotations
another ans answer ante anterior antes any anymore anyone anything anyway anywhere apache api aplicación app appear
appearance appears append appended application applications applied apply appropriate aprender apt aquel aquí arch
archivo archivos are area areas aren arena arg args argument arguments argv aria arising arm arma army around array
arrow art arte artikel arts asi ask asked aspects assert assign assigned assignment associated assumed assuming async
así atención attach attack attacked attacker attacking attacks attempt attention attr attribute attributes auch audio
auf aug aun aunque aus authentication author authority authorization authors auto automatic automatically autor autos
available average avoid await award away ayuda año años aún back background backward bad baja bajo balanced bald ball
banda bank bar base based bash basic basics basis bastante battery battle beasts beat beautiful beauty because become
becomes been before begin beginning behavior behaviour behind bei beide beiden beim being beings bekannt bekommen
believe bella below bereits berg besides besonders besser best beste besteht besten beta better between bevor beyond
bien bieten bietet big bigger bild bill bin binary bind bio bird bis bisher bist bit bits bitte bitten black blanco
blank bleiben bleibt blind block blockade blood blow blue boca body bonus book bool boolean bootstrap bor border born
both bottom bow box boy brain break breve bri bridge bright brightness bring bringen broken brought browse browser
buen buena bueno buf buffer bug bugs build builder built burg burning bus busca buscar business but butter button
buttons buy byte bytes bzw búsqueda cabeza cable cabo cache cada cadena café calendar calidad call callback called
caller calling calls calor cambiar cambio cambios came camino campaign campaigns campo campos can canal cancel cannot
cantidad capable capacidad capital capture car cara caracter caracteres características card cards care careful
carefully carga carne carrera carta casa case cases casi caso casos cast castle cat catch category caught causa cause
caused causes caves cena center central centre centuries cerca cert certain certainly cfg chain chance change changed
changes changing channel channels chaos chaotic char character characters charge charging chars charset chat check
checkbox checking checks chef child children choice choose choosing chosen christ chunk cil cinco cine cities city
ciudad civilization claim clang claro clases class classes clave clean clear click clicking client cliente clock close
closed closing cls cmd cmp code codec codes coffee coincide col cola cold collections colon color colors cols colspan
column columna columns com coma comando combat combination combined come comer comes comida coming command commands
comment commit common commonly como comp company compare comparisons compartir compatibility compatible compile
compiled compiler completa completamente complete completely completo complex compliance compra comprar compress
compressed compression computer computers comunidad con concat condiciones conditions conexión config configuration
configure configured confirm confirmation conforme confusing conjunto connect connected connecting connection
connections conocer conseguir consider considered const constant constants constructor contact contacto contain
contained container containing contains contar contenido content contents context contextual contiene continent
continuar continue contra contract contrario control controlled controller controls conversion convert cookie cookies
cool copies copy copying copyright core corner corre correct correctamente correctly correo corresponding cosa cosas
cost costa costs could couldn count counter country counts couple course covered cpu crea creado crear create created
creating creatures cree creo cross crossing crypto csrf css ctrl ctx cual cuales cualquier cuando cuanto cuatro cuenta
cuerpo culpa cultura cure cured current currently curso cursor custom cut código cómo dabei dado dafür daher damage
damaged damages dame damit dan dangerous dank dann dar darauf darf dark darüber das dash dass data database date datos
datum dau davon day days dazu daß dead deadly deal dealing dear death debe deben debido debug debugging decide decir
declare decode deep def default defaults defeat defend defender defending defense defensive defer define defined
defines definition definitions degree dein deine deja dejar del delay delete deleted deleting deletion dem demand den
denen denn dentro depend dependencies dependent depending depends deprecated depth der derecho deren des desc describe
described description desde designed desired desktop despite después dest destino destroy detail detailed details
detalles detected determine determines deutsch deutsche deutschen dev device devices diagnostics dialog dice dich
dicho dict dictionary did didn die died dies diese diesem diesen dieser dieses diferencia diferente diferentes diff
difference different difficult difficulties difficulty difícil digest digits dijo din dinero ding dir dirección direct
directly directories directory direkt disable disabled disco discover discovered disk disks display displayed displays
disponible disponibles dispositivo distance distancia distribute distributed distribution div diversas diverse
diversos django doc doch docs document documentation documento documentos documents does doesn dog doing dokument
dolor domain don donde done door dort dos double doubt down download downloads drag dragging drain drei drink drive
driver drivers drives driving drop drum dry dst due dul dummy dump dup durante duration durch during duro dynamic día
días each earlier early earth ease easier easily east easy eat eben ebenfalls echo echt edad edge edit editing editor
effect effects egal eher eigen eigenen eigentlich eight ein eine einem einen einer eines einfach einige einmal eins
either ejemplo electrónico elegant element elemento elementos elements elf elif eliminar ella ellas ellipse ello ellos
else elves email embargo empresa empty enable enabled encode encoding encontrado encontrar encuentra end ende endif
ends enemies enemy energy eng engine english enjoy enorme enough ensure entender enter entering entire entonces entra
entrada entrar entre entries entry enum env enviar environment equal equipo equipos equivalent era erfahren
erfolgreich erhalten ern err error errores errors erst erste ersten esa esc escape escaped ese eso esos espacio
especial especially especialmente espera est esta estaba establish established estado estamos estar estas este estilo
esto estos estoy está están etc etwa etwas euch eval even event evento eventos events eventually ever every everybody
everyone everything everywhere evidence evitar evolution exact exactly example exc exceeds excellent except exception
exceptions exclusive exec executable execute executed execution exist existe existing exists exit exits expand
expansion expect expected experience experienced experiencia explain explained explicit export exports expr express
expression ext extend extended extends extension extensions extent extern external extra extract extrem extremely eye
eyes face facets fact factor fail failed fails failure fair fall fallback fallen falls false falta familia family far
farming fast faster fat fatal father favor fear feature features fecha feder feel feeling feet feliz fest few fewer
field fields fifth fight fighter fighters fighting fights figure fila file filename files fill filter filtered filters
fin final finally find finden findet fine finger finish finished fino fire firewall firma firmly first fit fitness
five fix fixed flag flags flex float floor flor flush focus fog folder folders follow following fondo font foo food
fool foolish foot footer for forbidden force forces ford foreach forest forests forever forget forgotten form forma
formas format formato forms fort forth fortune fortunes forum forward foto fotos found foundation four fourth fps
frame frank frase fre free frei frente fresh freund friend friends from front ftp fue fuera fueron full fully fun func
funciona función function functionality functions funk funktion furnished further future futuro fácil für gab gain
gained gains gal game gameplay games ganz ganze gar gates gateway gave geben gefunden gegen geh gehen geht gehört geld
gemacht gen genau genera general generally generate generated generator generic gente geography gerade gerne get gets
getting gib gibt gift gilt ging girl give given gives glass gleich global globals gobierno god goes going gold gone
good google got government gra gracias grad grade grado gran grande grandes granted graphics gras grass great greater
greatest green grep gri grosse ground group grouped groups grow groß große großen grund grunt grupo grupos guarda
guardar guerra guess guide gum gusta gusto gut gute guten guy haar hab habe haben haber habitual hablar había hace
hacen hacer hacia haciendo had hai half halt halten hammer han hand handle handler handles handling hands hang hans
happen happened happens happy hard harder hardware hart has hash hass hast hasta hat hate hatte hatten haus haut have
having hay haya haz head header headers heading heal healed healing health healthy hear heard heart heaven heavy hecho
height helfen hell help helper helps hemos henne her heraus herd here hero herr heute hex hey hidden hide hier high
higher highest highly hijo hijos hills him himself hin hinter his historia history hit hits hitting hoch hold holders
holding hombre hombres home hope hora horas horrible horse horses hose host hot hotel hour hours house how however hoy
href html http https human humano humans humor hundred hunger hut hätte ich icon idea ideal ideas identifier identify
identity idiot idle ids idx ignore ignored igual ihm ihn ihnen ihr ihre ihrem ihren ihrer illegal illusion image
imagen images imagine img immediately immer immun impact implement implementation implied import important importante
importantes improve imágenes inc include included includes including incluso income increase increases indem indent
index indica indicate indicates indicating individual individuals inevitable inferior info información information ing
inicial iniciar inicio init initial initialized injured inline input ins insert inside install installation installed
instance instanceof instances instead instruction instructions instrumentation int integer integration intel
intelligence intelligent intended interesse interest interface interior internal internet interpreter into intro
invalid invisible invoke ion irm irre isinstance island isn iso issue ist item items iter iterator its itself
javascript jede jedem jeden jeder jedoch jemand jetzt job join joven joy json juego jugador jugar jung junge junto
just justo kam kann kannst kar kaum keep keeps kein keine keinen ken kennen kept kern kernel key keyboard keyboards
keys kick kill killed killing kind king kingdom klar klein kleine kleinen knew know knowledge known knows komm kommen
kommt kon konnte kontakt kosten kurz können könnte label labels lack lacking lad lado lady land lands lang lange
language laptop large larger largest largo las lassen last late later lateral launch laut law laws layer lead leader
leaders leadership learn least leave leaves leaving leben leer left leg legacy leicht leider len length les lesen less
let letra letras lets letter letzten level levels ley liability liable lib libc libraries library libre libro libros
license licensed licenses lie lied liegt lies life light like likely limit limitation limited lin line lines link
linked links linux list lista liste listed listen lists little live lives living llama llegar llevar load loaded
loader loading lob local locale located location locations lock locker log login logout lokale long longer longitud
look looking looks loop loops los lose losing loss lost lot lots love loved low lower loyal lua luck luego lugar
lugares lust luz lässt líder línea mac mach machen machine macht macro macros mad made madre mag magic magical mai
mail main maintain major make makes making mal male males malt man manage management manager manera mann manner mano
manos mantener manual manually many map mapa mapping maps mar marc marca margin mark marque marriage marzo mas mask
masse master mata match matched matches matching math matter max maximal maximum may maybe mayo mayor mayores mayoría
mañana mean meaning means meant mechanism media mediante medida medio medios medium meer meet mehr mein meine meinem
meinen meiner meisten mejor mejorar mejores member members memoria memory men menor menos mensaje mensajes mente
mention menu mer mercado merely merge mesa message messages meta metadata meter method methods mich middle middleware
mientras might mil military min mind mine mining minor minute minutes minutos mir mis misma mismo missing mist
mistakes mit mixed mkdir mobile moda mode model modelo models modem modern moderne modificar modified modifiers modify
modo module modules moment momento momentos money monitor monster months moon mor moral more morning mortal most
mostrar mother motive motivo motor mountain mountains mouse move moved movement mover moves movie movimiento moving
msg much muchas mucho muchos muestra mujer mujeres multi multimedia multiple mun mund mundial mundo music muss must
mut muy myself mysterious más máximo método mínimo möchte möglich música müssen nach nada nah nal name named names
namespace nan nation native natur natural nature natürlich nav near neben necesario necesita necessary need needed
needs negative negro nehmen neither nen nested net network networks neu neue neuen neutral never new newline next nice
nicht nichts nick nickname nie night nil nine ninguna ningún nivel niños nobody noch noche node nombre nombres non
none nor nord norm normal normalize normally north nos nosotros not nota notable note nothing notice now nuestra
nuestras nuestro nuestros nueva nuevas nuevo nuevos null nullptr num number numbers numeric nun nunca nur nutzen
nächsten número números oben ober obj object objects objetivo objeto objetos obra obras observer obtain obtener
occasionally occur occurred ocean oder odio off offen offensive offset ofrece oft often ohne old omitted once one ones
online only ons onto opciones opción open opened opening operand operate operating operation operations operator
opponent opposite opt optimization option optional options opts orange orden order org organisation origen origin
original oro ort other others otherwise otra otras otro otros our out output over overflow overlay override overview
overwrite own paar pack package packet padding padre pagar page pages pagination paid paint pair palabra palabras
palette pan pane panel pant pantalla papel paper par para param parameter parameters params parece pared parent paris
parse parser parsing part parte partes particular particularly partida partie partir partition parts pasa pasado pasar
paso pass passed passes password past pat patch path paths patient pattern paul pause pay payload paz país pdf peace
peer pel pelos pena pending peng pensar people per percent perder perfectly perfil perform perhaps period perl
permanently permission permissions permit permite permitted pero person persona personal personas persons peso phone
photo photos php physical pick picture pictures pid pie piece piel pies pin pipe pizza pkg place placed placeholder
placer places plage plague plains plan planes plano plata platform play played player players playing plaza please
plug plugged plural plus png poco podemos poder podría point pointer points poison policy política poner poor pop
popup por porque port porta portable portions pos posible posición position positive possible possibly post potential
power powerful powers practice pre precio prefer preferences prefix pregunta present presente preserved press pressing
pretty prevent previous prima primary primer primera primero principal principales principio print printed printer
printers printf printing prints prior priority private privileges pro probable probably problem problema problemas
problems proc proceso process processing produce produkt professor profil profile prog program programa programas
programm programme programmer programmers programs progress project promise promote prompted pronto proof propaganda
proper properly properties property propia propiedad propio proportional protect protected proto protocol prototype
prove provide provided provides providing proyecto prueba próxima próximo ptr public publish published pudo pueblo
pueda puede pueden puedes puedo puerto pues puesto pull pulse punto puntos pure purpose push put puta pwd python
página público quality que queda quelle query question questions quick quickly quien quienes quiere quieres quiero
quiet quit quite quote quoted qué race races radio raise raised ram ran rand random rang range ranged rare rarely
raster rat rate rather rating raw reach read readable reader reading readonly ready real realidad reality realizado
realizar really realmente reason reasons rec recall receive received recht recibir recommended record recover recruit
recruited recruiting recursion recursive recursos red rede redes reduce reduces ref refer reference referenced reg
regardless regeneration region regions register registered registro regular rein reject rel relaciones relación
related relativ relative release religion remain remaining remember remote remove removed rename repeat replace
replaced replied report repr representa representing req request requested require required requires res research
reserve reserved reset resistance resolve resolved resolver resource respectively responder response respuesta rest
restart restaurant resto restore restriction result resultado resultados resultat resulting results ret return
returned returning returns reverse rgb rich richtig rico right rights rin ring river road robots robust role roman
room root rot route router routers row rows ruin rule rules run rund running runs runtime ruta rápido sabe saber sack
safe sag sage sagen sagt sagte said sal sale salida salir salud same san sand sar sau sauce save saved saving saw say
saying says scan scanner scenario scenarios schedule schema scheme schnell schon school schwer schön science scope
screen script scripts sdk sea sean search second seconds section secure security sed see seeing seek seems seen sees
seguir segunda segundo segundos seguridad seguro según sehen sehr sei sein seine seinem seinen seiner seis seit selber
selbst select selected selecting selection selector self sell semana semantic send sense sent sentido sentir separate
separated seq sequence ser serialized serie server servers service services servicio servicios servidor será sesión
session set sets setting settings setup setzen seven several sex sexo sha shall shape share shared sharing she shell
shift short shortcut should show shown shows sich sicher side sidebar sides sido sie siege sieht siempre siendo sight
sign signal signature significa sigue siguiente siguientes sil sim similar similarly simple simply sin since sind
single sino sistema sistemas sit site sitio sitios situación situation six size sizes skill skills skin skip sleep
slice slider slightly slow slower slowly small smaller smart sobre social sociedad society socket sofort software
sogar sol sola soll sollen sollte sollten solo some somebody someone something sometimes somewhat somewhere son
sondern song sonst soon sooner sorry sort sorted sound sounds source south sowie soy space span spans speak spec
special specific specification specified specify specs speed spend spielen split spur später sql src ssl staat stab
stabil stack stall stand standard standards standing stands stark start started starting starts stat state statement
static statistics statt statue status stay std stderr stdin stdout stehen steht stellen stellt step steps stern stick
still stood stop storage store stored story str strategy stream street strength strict strike strikes string strings
strip strong stronger struct structure structures student study stuff stupid style sub subclass subject submit
subscribe substantial substitution success successful successfully such suchen suffer suffix suitable summary sun
super superior supplied supply support supported supports supposed suppress sur sure surrounded surrounding survive
sus suspend svg switch switched sword symbol sync syntax sys system systems sólo tab tabla table tag tags take taken
takes taking tal talent tales talk talking tam tamaño también tan tanto tarde tarea target targets taste tat tax tea
teach team technical technology teil tela telefon telefone tell tema temas temp template templates temporarily
temporary ten tend tenemos tener tenga tengo tenía term termin terminal terms terrain terror test testing tests text
textarea texto tha than thanks that the theater their them theme themselves then theory there these they thing things
think thinking thinks third this those though thought thread three through throw thus tiempo tiene tienen tienes tier
til tiles time timeout timer times timestamp tin tip tipo tipos tips title tmp tod toda todas today todo todos
together toggle token tokens told toll tom tomar ton too took tool toolbar tools top topic tor tort tot total
totalmente tote towards trabajar trabajo trace tracing trailing trainer training trait traits transform translate
translation transport trap tras trash trata travel través treated tree trees treffen tres tri tried tries trim trimmed
trivial troops trotz trouble true trust truth try trying tun tuple turn turned turning turno turns tus tut tutorial
twenty twice two txt typ type typed typedef typename typeof types typically typing título uint una unas und undefined
under underlying understand understanding undo unfortunately unicode unidad unidades union unique unit units universe
unix unknown unl unless unlock uno unos unpack uns unser unsere unserer unset unsigned unten unter unterschied until
unused unusual update upon upper uri url urls usa usable usado usage usando usar usb use used useful user username
users uses using uso usted usual usually usuario usuarios utf util utility utiliza utilizado utilizando utilizar utils
val vale valid valor valores value values vamos van var variable variables variant varias varios various vars vas
veces velocidad ven vendor ventana ver verbose verdad verde verificar verify verschiedene verschiedenen verse version
versions versión verwenden verwendet very ves veteran vez via victory vida video videos viel viele vielen vielleicht
viene vier view viewing views village villages violence virtual virus visible vista visto visual visually vital vive
vivo void voll volume volver vom von vor vos vowel voy voz vulnerable vídeo wage wait wake walk walking wall wand want
wanted wants war waren warm warn warning warnings warranty warriors was wasn wat watch water way ways weak weapon
weapons web website week weg wegen weight weil weit weiter weitere weiß welche well welt wen wenig weniger wenn went
wer werd werde werden were werk west what whatever when whenever where whether which while white who whoever whole
whom whose why wichtig wide wider widget width wie wieder wife wild will win wind window windows winter wir wird
wireless wirklich wish wissen with within without wohl wolf wollen wollte woman women won wonder woods word worden
words work working works workspace world worry worse worth would wouldn wounded wrap wrapped wrapper write writing
written wrong wurde wurden www während wäre würde xxx year years yes yet yield you young your yours yourself zahl
zeigen zeigt zeit zero zona zone zones zug zum zur zurück zusammen zwar zwei zwischen área áreas éxito última último
única único über
"""
